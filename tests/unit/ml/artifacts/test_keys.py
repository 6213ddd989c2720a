"""Keys as PEM text."""

from unit.ml.artifacts.signing import KEY, PUBLIC

from pacewatch.ml.artifacts import keys


def test_a_key_signs_and_verifies_after_a_round_trip_through_pem() -> None:
    again = keys.private_key(keys.private_pem(KEY))
    keys.public_key(keys.public_pem(PUBLIC)).verify(again.sign(b"x"), b"x")
