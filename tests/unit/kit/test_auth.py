"""A token is valid, or it is refused with 401."""

import base64
import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from pacewatch.kit import keys
from pacewatch.kit.errors import Unauthorized, Unavailable
from pacewatch.kit.http import auth, revocations
from pacewatch.kit.http.auth import Signer, Verifier
from pacewatch.kit.http.security import MAX_WAITING, SecurityNote, SecurityNotes, network_of

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key()
VERIFIER = Verifier([PUBLIC])
TOKEN = Signer(PRIVATE).sign("ada", role="viewer", scopes=["fleet:read"], lifetime=timedelta(hours=2))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token signed with the right key, with these headers and claims changed; None removes a claim."""
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


def assert_refused(token: str) -> None:
    with pytest.raises(Unauthorized):
        VERIFIER.verify(token)


def test_a_token_carries_name_role_and_scopes() -> None:
    principal = VERIFIER.verify(TOKEN)
    assert (principal.name, principal.role, principal.scopes) == ("ada", "viewer", frozenset({"fleet:read"}))


def test_the_helper_of_these_tests_signs_a_valid_token() -> None:
    assert VERIFIER.verify(signed()).name == "ada"


def test_a_cached_token_is_refused_after_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(hours=2)

    VERIFIER.verify(TOKEN)
    monkeypatch.setattr(auth, "datetime", Later)
    assert_refused(TOKEN)


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "aud", "sub", "jti", "scopes"])
def test_a_token_without_one_of_its_claims_is_refused(name: str) -> None:
    assert_refused(signed(**{name: None}))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime.now(UTC) - timedelta(seconds=1)},
        {"exp": "soon"},
        {"exp": 2**63},
        {"exp": 1e308},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"iss": "somebody"},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"sub": 5},
        {"scopes": 5},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(signed(**changes))


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_of_the_future_is_valid_because_this_clock_may_be_behind(claim: str) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert VERIFIER.verify(signed(**{claim: tomorrow}, exp=tomorrow + timedelta(minutes=5))).name == "ada"


def test_other_algorithms_are_refused() -> None:
    claims = TOKEN.split(".")[1]
    kid = keys.key_id(PUBLIC)
    for algorithm in ("none", "None", "HS256", "RS256", "ES256", "", "EdDSA "):
        assert_refused(f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{claims}.")
        assert_refused(f"{encoded({'alg': algorithm, 'typ': 'JWT', 'kid': kid})}.{claims}.{TOKEN.split('.')[2]}")


def test_the_public_key_does_not_work_as_a_shared_secret() -> None:
    header = encoded({"alg": "HS256", "typ": "JWT", "kid": keys.key_id(PUBLIC)})
    claims = TOKEN.split(".")[1]
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for secret in (PUBLIC.public_bytes_raw(), keys.to_base64(PUBLIC.public_bytes_raw()).encode()):
        signature = base64.urlsafe_b64encode(algorithm.sign(f"{header}.{claims}".encode(), secret)).rstrip(b"=")
        assert_refused(f"{header}.{claims}.{signature.decode()}")


@pytest.mark.parametrize("kid", ["", "other", None, 5, ["x"], {"a": 1}, "../../etc/passwd", "x" * 10_000])
def test_an_unknown_key_id_is_refused(kid: Any) -> None:
    _, claims, signature = TOKEN.split(".")
    assert_refused(f"{encoded({'alg': 'EdDSA', 'typ': 'JWT', 'kid': kid})}.{claims}.{signature}")


def test_another_key_under_a_known_key_id_is_refused() -> None:
    other = Signer(Ed25519PrivateKey.generate())
    other._key_id = keys.key_id(PUBLIC)
    assert_refused(other.sign("eve", role="superuser", scopes=["users:manage"], lifetime=timedelta(minutes=5)))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.=+/ \x00é"))
def test_a_token_with_one_changed_character_is_refused(at: int, char: str) -> None:
    changed = TOKEN[:at] + char + TOKEN[at + 1 :]
    last = len(TOKEN) - 1  # its low bits are padding: another letter can encode the same bytes
    if changed != TOKEN and at != last:
        assert_refused(changed)


@given(st.one_of(st.text(max_size=300), st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join)))
def test_any_other_text_is_refused(text: str) -> None:
    assert_refused(text)


@pytest.mark.parametrize(
    "header", [[], 5, "x", None, {"alg": []}, {"alg": "EdDSA", "kid": "x", "crit": ["x"]}, {"b64": False}]
)
def test_a_header_of_any_shape_is_refused(header: Any) -> None:
    assert_refused(f"{encoded(header)}.{TOKEN.split('.')[1]}.{TOKEN.split('.')[2]}")


def test_huge_and_deeply_nested_tokens_are_refused() -> None:
    assert_refused("A" * 1_000_000)
    assert_refused(f"{base64.urlsafe_b64encode(b'[' * 200_000).decode().rstrip('=')}.e30.AA")
    assert_refused("." * 100_000)


def test_during_a_key_rotation_both_keys_are_valid() -> None:
    new = Ed25519PrivateKey.generate()
    both = Verifier([PUBLIC, new.public_key()])
    for private in (PRIVATE, new):
        token = Signer(private).sign("ada", role="", scopes=[], lifetime=timedelta(minutes=1))
        assert both.verify(token).name == "ada"


def principal_of(**claims: Any) -> Any:
    return VERIFIER.verify(signed(**claims))


def test_an_api_key_is_named_by_its_id_and_not_by_what_it_was_called() -> None:
    assert principal_of(role="api-key", sub="ada@example.org", jti="7").name == "key:7"
    assert principal_of(role="viewer", sub="ada@example.org", jti="7").name == "ada@example.org"


@pytest.mark.parametrize("changes", [{"epoch": "x"}, {"devices": 5}, {"devices": [[1]]}, {"devices": [["a", "b"]]}])
def test_a_token_with_a_wrong_claim_of_ours_is_refused(changes: dict[str, Any]) -> None:
    assert_refused(signed(**changes))


def test_tokens_below_the_epoch_of_a_revoked_account_are_refused() -> None:
    verifier = Verifier([PUBLIC])
    old, new, other = (signed(account=account, epoch=epoch) for account, epoch in (("a", 1), ("a", 2), ("b", 0)))
    for token in (old, new, other):
        verifier.verify(token)
    verifier.revocations.replace(["9"], {"a": 2})
    for token in (old, signed(jti="9")):
        with pytest.raises(Unauthorized):
            verifier.verify(token)
    for token in (new, other):
        verifier.verify(token)


@pytest.mark.parametrize(
    ("role", "age_s", "is_refused"), [("api-key", 99, True), ("api-key", 1, False), ("viewer", 99, False)]
)
def test_a_key_without_a_row_is_refused_unless_it_was_just_made(role: str, age_s: int, is_refused: bool) -> None:
    verifier = Verifier([PUBLIC])
    issued = datetime.now(UTC) - timedelta(seconds=age_s)
    verifier.revocations.replace([], {}, valid_keys=["8"])
    verifier.verify(signed(role=role, jti="8", iat=issued))
    with pytest.raises(Unauthorized, match="no such key") if is_refused else nullcontext():
        verifier.verify(signed(role=role, jti="7", iat=issued))


def test_a_process_that_cannot_read_the_revocations_refuses_every_token() -> None:
    verifier = Verifier([PUBLIC])
    verifier.revocations.expect()
    for read_ago_s, is_refused in ((None, True), (1.0, False), (revocations.MAX_AGE_S + 0.1, True)):
        if read_ago_s is not None:
            verifier.revocations.replace([], {}, time.monotonic() - read_ago_s)
        with pytest.raises(Unavailable) if is_refused else nullcontext():
            verifier.verify(TOKEN)


@pytest.mark.parametrize("changed", [TOKEN[:-9] + "!" + TOKEN[-9:], TOKEN + "=", TOKEN + "*", " " + TOKEN])
def test_a_token_has_one_text(changed: str) -> None:
    VERIFIER.verify(TOKEN)
    with pytest.raises(Unauthorized):
        VERIFIER.verify(changed)


def test_addresses_of_one_host_are_one() -> None:
    assert {network_of(f"2001:db8:0:7::{n}") for n in range(9)} == {"2001:db8:0:7::/64"}
    addresses = ("203.0.113.7", "::ffff:203.0.113.7", "testclient", "")
    assert [network_of(one) for one in addresses] == ["203.0.113.7", "203.0.113.7", "testclient", ""]


def test_notes_of_security_that_nobody_stores_fill_no_memory() -> None:
    before = REGISTRY.get_sample_value("pacewatch_security_notes_dropped_total") or 0
    notes = SecurityNotes()
    for n in range(MAX_WAITING + 50):
        notes.add(SecurityNote("refused", "", str(n), ""))
    notes.add(SecurityNote("refused", "", "0", ""))
    assert (REGISTRY.get_sample_value("pacewatch_security_notes_dropped_total") or 0) - before == 50
    counts = notes.take()
    assert (len(counts), counts[SecurityNote("refused", "", "0", "")]) == (MAX_WAITING, 2)
    assert not notes.take()
