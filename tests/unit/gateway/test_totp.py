"""Codes are those of RFC 6238, and each is right once."""

import base64

import pytest

from pacewatch.gateway.credentials import totp

# RFC 6238, appendix B, SHA-1; the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("time_s", "code"), VECTORS.items())
def test_codes_are_those_of_the_rfc(time_s: int, code: str) -> None:
    assert totp.code_at(SECRET, time_s // totp.STEP_S) == code


def test_a_code_is_right_for_one_step_more_on_each_side_and_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totp.time, "time", lambda: 1_000 * totp.STEP_S + 7.0)
    found = {step: totp.step_of(SECRET, totp.code_at(SECRET, step), after=0) for step in range(997, 1_004)}
    assert found == {step: step if 999 <= step <= 1_001 else None for step in range(997, 1_004)}
    assert totp.step_of(SECRET, totp.code_at(SECRET, 1_000), after=1_000) is None


def test_a_code_used_while_the_clock_was_ahead_blocks_no_other_once_it_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(totp.time, "time", lambda: 1_000 * totp.STEP_S + 7.0)
    right = totp.code_at(SECRET, 1_000)
    assert totp.step_of(SECRET, right, after=1_000 + 86_400 // totp.STEP_S) == 1_000
    assert totp.step_of(SECRET, right, after=1_005) is None, "clocks of two machines differ by so much"


def test_secrets_are_random_and_of_160_bits() -> None:
    one, other = totp.new_secret(), totp.new_secret()
    assert one != other
    assert len(base64.b32decode(one)) == 20
