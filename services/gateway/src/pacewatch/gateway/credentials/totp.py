"""Codes of an authenticator app: time-based one-time passwords (RFC 6238), six digits, new every 30 s."""

import base64
import hmac
import secrets
import struct
import time
from typing import Final
from urllib.parse import quote

STEP_S: Final = 30
DIGITS: Final = 6
# Clocks of phones differ: the codes before and after the current one are right, too (RFC 6238, 5.2).
_STEPS: Final = (0, -1, 1)
# A code that was used further ahead of now than this was used before the clock was set back: it blocks no others.
_FURTHEST: Final = 10


def new_secret() -> str:
    """A random secret of 160 bits, in base32 as apps expect it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, email: str) -> str:
    """What an app reads from a QR code."""
    return f"otpauth://totp/Pacewatch:{quote(email)}?secret={secret}&issuer=Pacewatch"


def code_at(secret: str, step: int) -> str:
    """The code of a step of 30 s since 1970 (RFC 4226, 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">q", step), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The step of a right code, for which it may never be used again; None if it is wrong, old or used already."""
    now = int(time.time()) // STEP_S
    if after > now + _FURTHEST:
        after = 0
    typed = code.replace(" ", "").encode()
    return next(
        (
            now + offset
            for offset in _STEPS
            if now + offset > after and hmac.compare_digest(typed, code_at(secret, now + offset).encode())
        ),
        None,
    )
