"""A token is one of ours, valid now and here, or it is a 401; there is no third way."""

import base64
import json
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pacewatch.kit import keys
from pacewatch.kit.errors import Unauthorized
from pacewatch.kit.http import auth
from pacewatch.kit.http.auth import Signer, Verifier

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key()
VERIFIER = Verifier([PUBLIC])
TOKEN = Signer(PRIVATE).sign("ada", role="viewer", scopes=["fleet:read"], lifetime=timedelta(hours=2))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token signed by the right key, with these headers and claims changed; None takes a claim away."""
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "iss": "pacewatch",
        "aud": "pacewatch-api",
        "sub": "ada",
        "jti": "1",
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "scopes": [],
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, PRIVATE, "EdDSA", headers={"kid": keys.key_id(PUBLIC), **(header or {})})


def refused(token: str) -> None:
    with pytest.raises(Unauthorized):
        VERIFIER.verify(token)


def test_a_token_says_who_asks_and_what_they_may_do() -> None:
    principal = VERIFIER.verify(TOKEN)
    assert (principal.name, principal.role, principal.scopes) == ("ada", "viewer", frozenset({"fleet:read"}))


def test_the_test_itself_can_make_a_good_token() -> None:
    assert VERIFIER.verify(signed()).name == "ada"


def test_a_token_that_was_good_is_refused_once_it_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(hours=2)

    VERIFIER.verify(TOKEN)
    monkeypatch.setattr(auth, "datetime", Later)
    refused(TOKEN)


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "aud", "sub", "jti", "scopes"])
def test_a_token_without_one_of_its_claims_is_refused(name: str) -> None:
    refused(signed(**{name: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime.now(UTC) - timedelta(seconds=1)},
        {"exp": "soon"},
        {"iat": datetime.now(UTC) + timedelta(hours=1)},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"sub": 5},
        {"scopes": 5},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    refused(signed(**changes))


def test_no_algorithm_but_ours_is_taken() -> None:
    claims = TOKEN.split(".")[1]
    kid = keys.key_id(PUBLIC)
    for algorithm in ("none", "None", "HS256", "RS256", "ES256", "", "EdDSA "):
        refused(f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{claims}.")
        refused(f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{claims}.{TOKEN.split('.')[2]}")


def test_the_public_key_is_no_shared_secret() -> None:
    header = encoded({"alg": "HS256", "typ": "JWT", "kid": keys.key_id(PUBLIC)})
    claims = TOKEN.split(".")[1]
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for secret in (PUBLIC.public_bytes_raw(), keys.to_base64(PUBLIC.public_bytes_raw()).encode()):
        signature = base64.urlsafe_b64encode(algorithm.sign(f"{header}.{claims}".encode(), secret)).rstrip(b"=")
        refused(f"{header}.{claims}.{signature.decode()}")


@pytest.mark.parametrize("kid", ["", "other", None, 5, ["x"], {"a": 1}, "../../etc/passwd", "x" * 10_000])
def test_a_key_we_do_not_know_is_refused(kid: Any) -> None:
    _, claims, signature = TOKEN.split(".")
    refused(f"{encoded({'alg': 'EdDSA', 'typ': 'JWT', 'kid': kid})}.{claims}.{signature}")


def test_another_key_under_our_name_is_refused() -> None:
    other = Signer(Ed25519PrivateKey.generate())
    other._key_id = keys.key_id(PUBLIC)
    refused(other.sign("eve", role="superuser", scopes=["users:manage"], lifetime=timedelta(minutes=5)))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.=+/ \x00é"))
def test_one_changed_character_is_one_too_many(at: int, char: str) -> None:
    changed = TOKEN[:at] + char + TOKEN[at + 1 :]
    last = len(TOKEN) - 1  # its low bits are padding: another letter can spell the same bytes
    if changed != TOKEN and at != last:
        refused(changed)


@given(st.one_of(st.text(max_size=300), st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join)))
def test_whatever_comes_as_a_token_is_a_401(text: str) -> None:
    refused(text)


@pytest.mark.parametrize(
    "header", [[], 5, "x", None, {"alg": []}, {"alg": "EdDSA", "kid": "x", "crit": ["x"]}, {"b64": False}]
)
def test_a_header_of_any_shape_is_a_401(header: Any) -> None:
    refused(f"{encoded(header)}.{TOKEN.split('.')[1]}.{TOKEN.split('.')[2]}")


def test_huge_and_deep_tokens_are_a_401() -> None:
    refused("A" * 1_000_000)
    refused(f"{base64.urlsafe_b64encode(b'[' * 200_000).decode().rstrip('=')}.e30.AA")
    refused("." * 100_000)


def test_while_keys_change_both_are_good() -> None:
    new = Ed25519PrivateKey.generate()
    both = Verifier([PUBLIC, new.public_key()])
    for private in (PRIVATE, new):
        token = Signer(private).sign("ada", role="", scopes=[], lifetime=timedelta(minutes=1))
        assert both.verify(token).name == "ada"
