"""Hides addresses from callers that may not see them: of e-mail in every field and text, of clients in `address`."""

import re
from collections.abc import Callable
from typing import Final

from fastapi import Response

from pacewatch.kit.http.auth import Principal

SCOPE: Final = "addresses:read"
# All that an address may contain (RFC 5321, ASCII).
_ADDRESS: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
HIDDEN: Final = b"***@***"
# The id of a mail: its alert, and a hash of its recipient, which would tell whether a guessed address is right.
_MAIL_ID: Final = re.compile(rb"([0-9a-f-]{36})\.[0-9a-f]{16}@pacewatch")
_CLIENT: Final = re.compile(rb'("address":\s*")[^"]*')


def masker(principal: Principal) -> Callable[[bytes], bytes]:
    """Hides every address but the caller's own; changes nothing for a caller with the scope `addresses:read`."""
    if SCOPE in principal.scopes:
        return bytes
    own = principal.name.encode()

    def hide(found: re.Match[bytes]) -> bytes:
        if (mail_id := _MAIL_ID.fullmatch(found[0])) is not None:
            return mail_id[1] + b".***@pacewatch"
        return own if found[0].lower() == own else HIDDEN

    def hide_all(text: bytes) -> bytes:
        text = _CLIENT.sub(rb"\1***", text) if b'"address"' in text else text
        return _ADDRESS.sub(hide, text) if b"@" in text else text

    return hide_all


def mask(response: Response, principal: Principal) -> None:
    """Hide addresses in a whole answer. One that streams has no body yet, and hides them itself."""
    body = getattr(response, "body", b"")
    if body and (masked := masker(principal)(body)) != body:
        response.body = masked
        response.headers["content-length"] = str(len(masked))
