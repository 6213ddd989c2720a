"""Who is asking, and may they? Every service checks the token itself, with the public key; only the gateway signs.

Tokens live in wall time: a demo's fast clock does not log people out.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from pacewatch.kit import keys
from pacewatch.kit.errors import Forbidden, Unauthorized

ALGORITHM = "EdDSA"
ISSUER = "pacewatch"
AUDIENCE = "pacewatch-api"
MOST_REMEMBERED = 1_000
_EXPIRED = "the token has expired; log in again"
_NEVER = datetime.max.replace(tzinfo=UTC)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]

_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login", auto_error=False)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a person or a key, and what they may do."""

    name: str
    role: str
    scopes: frozenset[str]
    token_id: str
    expires_at: datetime = _NEVER


class Signer:
    """Makes tokens; the gateway has the only one."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._key_id = keys.key_id(private.public_key())

    def sign(self, name: str, *, role: str, scopes: Iterable[str], lifetime: timedelta, **more: Any) -> str:
        """A token for `name`, good for `lifetime` of wall time."""
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": name,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + lifetime,
            "role": role,
            "scopes": sorted(scopes),
            **more,
        }
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self._key_id})


class Verifier:
    """Checks tokens against the keys it was given; several, while keys are being changed."""

    def __init__(self, public_keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = {keys.key_id(key): key for key in public_keys}
        self._revoked: frozenset[str] = frozenset()
        # A signature that was right stays right: who sends batch after batch pays for it once.
        self._opened = lru_cache(MOST_REMEMBERED)(self._open)

    def set_revoked(self, token_ids: Iterable[str]) -> None:
        """From now on these tokens, and no others, are refused though they have not expired."""
        self._revoked = frozenset(token_ids)

    def verify(self, token: str) -> Principal:
        """Whose token it is; Unauthorized if it is not one of ours, or not any more."""
        principal = self._opened(token)
        if principal.expires_at <= datetime.now(UTC):
            raise Unauthorized(_EXPIRED)
        if principal.token_id in self._revoked:
            raise Unauthorized("this key was revoked; ask for another one")
        return principal

    def _open(self, token: str) -> Principal:
        """Only what cannot change: signature, issuer, audience, claims."""
        try:
            key = self._keys[str(jwt.get_unverified_header(token).get("kid"))]
            claims = jwt.decode(
                token, key, algorithms=[ALGORITHM], issuer=ISSUER, audience=AUDIENCE, options={"require": _REQUIRED}
            )
            scopes = frozenset(str(scope) for scope in claims["scopes"])
            expires_at, token_id = datetime.fromtimestamp(claims["exp"], UTC), str(claims["jti"])
            return Principal(str(claims["sub"]), str(claims.get("role", "")), scopes, token_id, expires_at)
        except jwt.ExpiredSignatureError:
            raise Unauthorized(_EXPIRED) from None
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError):
            raise Unauthorized("the token is not valid here; log in again") from None


def require(scope: str) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: the caller, if they hold `scope`; else 401 or 403.

    A coroutine, because FastAPI would send a plain function to another thread, which takes longer than the check.
    """

    async def check(request: Request, token: Annotated[str | None, Depends(_bearer)]) -> Principal:
        if not token:
            raise Unauthorized()
        verifier: Verifier = request.app.state.verifier
        principal = verifier.verify(token)
        if scope not in principal.scopes:
            raise Forbidden(f"this needs the scope {scope}, which your role or key does not carry")
        return principal

    return check
