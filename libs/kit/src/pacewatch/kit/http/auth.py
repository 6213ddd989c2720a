"""Authentication and scopes: every service verifies tokens with the public key; only the gateway signs them.

Tokens expire in wall time: the fast clock of a demo does not log people out.
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
MAX_CACHED_TOKENS = 1_000
_EXPIRED = "the token has expired; log in again"
_NEVER = datetime.max.replace(tzinfo=UTC)
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]

_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login", auto_error=False)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a person or an API key, with its scopes."""

    name: str
    role: str
    scopes: frozenset[str]
    token_id: str
    expires_at: datetime = _NEVER


class Signer:
    """Signs tokens; only the gateway has one."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._key_id = keys.key_id(private.public_key())

    def sign(self, name: str, *, role: str, scopes: Iterable[str], lifetime: timedelta, **extra_claims: Any) -> str:
        """A token for `name`, valid for `lifetime` of wall time."""
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
            **extra_claims,
        }
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self._key_id})


class Verifier:
    """Verifies tokens against its public keys: several while keys are rotated."""

    def __init__(self, public_keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = {keys.key_id(key): key for key in public_keys}
        self._revoked: frozenset[str] = frozenset()
        # A valid signature stays valid, so a client that sends many batches pays for the check once.
        self._decode_cached = lru_cache(MAX_CACHED_TOKENS)(self._decode)

    def set_revoked(self, token_ids: Iterable[str]) -> None:
        """Refuse exactly these tokens, although they have not expired."""
        self._revoked = frozenset(token_ids)

    def verify(self, token: str) -> Principal:
        """The owner of the token; Unauthorized if it is invalid, expired or revoked."""
        principal = self._decode_cached(token)
        if principal.expires_at <= datetime.now(UTC):
            raise Unauthorized(_EXPIRED)
        if principal.token_id in self._revoked:
            raise Unauthorized("this key was revoked; ask for another one")
        return principal

    def _decode(self, token: str) -> Principal:
        """The checks whose result cannot change: signature, issuer, audience, claims."""
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
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise Unauthorized("the token is not valid here; log in again") from None


def require(scope: str) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: the caller, if the token carries `scope`; else 401 or 403.

    It is a coroutine because FastAPI runs plain functions in a thread, which takes longer than the check.
    """

    async def check(request: Request, token: Annotated[str | None, Depends(_bearer)]) -> Principal:
        if not token:
            raise Unauthorized()
        verifier: Verifier = request.app.state.verifier
        principal = verifier.verify(token)
        if scope not in principal.scopes:
            raise Forbidden(f"this needs the scope {scope}, which your role or key does not have")
        return principal

    # By this the router finds the check, to make it before it reads the body.
    check.scope = scope  # type: ignore[attr-defined]
    return check


async def authorize(request: Request, checks: Iterable[Callable[..., Awaitable[Principal]]]) -> None:
    """Make the checks of a route before its body is read; 401 or 403."""
    for check in checks:
        await check(request, await _bearer(request))
