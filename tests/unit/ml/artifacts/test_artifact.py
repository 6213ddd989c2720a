"""Artifacts: a packed engine scores the same bits, and what fails a check is refused before it is unpickled."""

import base64
import hashlib
import json
import pickle
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from unit.ml.artifacts.signing import PUBLIC, packed, refusal, signed
from unit.ml.engines import fitted, rows

from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.models.ml_engine import MLEngine


@pytest.mark.parametrize("algorithm", ["random_forest", "hist_gradient_boosting", "logistic_regression"])
def test_an_opened_engine_scores_the_same_bits(algorithm) -> None:
    engine, _ = artifact.unpack(*packed(fitted(algorithm)), PUBLIC, PACEMAKER)  # type: ignore[call-arg]
    x = rows()[0]
    assert engine.predict_proba(x).tobytes() == fitted(algorithm).predict_proba(x).tobytes()
    assert engine.threshold == fitted(algorithm).threshold


@pytest.mark.parametrize("algorithm", ["random_forest", "hist_gradient_boosting", "logistic_regression"])
def test_the_same_data_and_seed_give_the_same_bytes(algorithm) -> None:
    again = MLEngine(PACEMAKER, **fitted(algorithm).parameters.as_dict()).fit(*rows())
    assert packed(again)[0] == packed(fitted(algorithm))[0]


@pytest.mark.parametrize("position", [0, 100, -1])
def test_a_changed_byte_is_refused(position) -> None:
    content, fields, signature = packed()
    changed = bytearray(content)
    changed[position] ^= 1
    assert refusal(bytes(changed), fields, signature, PUBLIC, PACEMAKER) == "hash_mismatch"


def test_a_truncated_artifact_is_refused() -> None:
    content, fields, signature = packed()
    assert refusal(content[:-1], fields, signature, PUBLIC, PACEMAKER) == "hash_mismatch"


def test_a_changed_manifest_is_refused() -> None:
    content, fields, signature = packed()
    assert refusal(content, fields.replace("abc", "abd"), signature, PUBLIC, PACEMAKER) == "signature_invalid"


def test_a_signature_of_another_key_is_refused() -> None:
    assert refusal(*packed(key=Ed25519PrivateKey.generate()), PUBLIC, PACEMAKER) == "signature_invalid"


@pytest.mark.parametrize("signature", ["", "no base64!", "é", "AAAA"])
def test_an_invalid_signature_is_refused(signature) -> None:
    content, fields, _ = packed()
    assert refusal(content, fields, signature, PUBLIC, PACEMAKER) == "signature_invalid"


def test_another_fleets_model_is_refused() -> None:
    assert refusal(*packed(), PUBLIC, MACHINE) == "profile_mismatch"


def test_other_features_are_refused() -> None:
    fewer = replace(PACEMAKER, extra_features=PACEMAKER.extra_features[1:])
    assert refusal(*packed(), PUBLIC, fewer) == "features_mismatch"


def test_another_library_version_is_refused() -> None:
    content, fields, _ = packed()
    older = json.loads(fields)
    older["libraries"]["scikit-learn"] = "0.1"
    assert refusal(content, *signed(older), PUBLIC, PACEMAKER) == "library_mismatch"


def test_a_signed_manifest_that_lacks_a_field_is_refused() -> None:
    content, fields, _ = packed()
    short = json.loads(fields)
    del short["threshold"]
    assert refusal(content, *signed(short), PUBLIC, PACEMAKER) == "manifest_invalid"


class Bomb:
    """Fails the test if it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("the artifact was unpickled before it was verified",))


BOMB = pickle.dumps(Bomb())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sha256": "0" * 64}, "hash_mismatch"),
        ({"profile": "machine"}, "profile_mismatch"),
        ({"feature_set_hash": "0" * 64}, "features_mismatch"),
        ({"libraries": {"numpy": "1.0"}}, "library_mismatch"),
        ({"metrics": None}, "manifest_invalid"),
    ],
)
def test_a_signed_artifact_that_fails_a_check_is_not_unpickled(changed, code) -> None:
    fields = json.loads(packed()[1]) | {"sha256": hashlib.sha256(BOMB).hexdigest()} | changed
    assert refusal(BOMB, *signed(fields), PUBLIC, PACEMAKER) == code


def test_an_artifact_signed_with_another_key_is_not_unpickled() -> None:
    fields = json.loads(packed()[1]) | {"sha256": hashlib.sha256(BOMB).hexdigest()}
    text, _ = signed(fields)
    foreign = base64.b64encode(Ed25519PrivateKey.generate().sign(text.encode())).decode()
    assert refusal(BOMB, text, foreign, PUBLIC, PACEMAKER) == "signature_invalid"


def test_while_a_key_is_replaced_artifacts_of_both_keys_are_accepted() -> None:
    old, new, other = (Ed25519PrivateKey.generate() for _ in range(3))
    both = [old.public_key(), new.public_key()]
    for key in (old, new):
        assert artifact.verify(*packed(key=key), both, PACEMAKER).version  # type: ignore[call-arg]
    assert refusal(*packed(key=other), both, PACEMAKER) == "signature_invalid"
    assert refusal(*packed(key=old), both[1:], PACEMAKER) == "signature_invalid"
    assert refusal(*packed(key=old), [], PACEMAKER) == "signature_invalid"
