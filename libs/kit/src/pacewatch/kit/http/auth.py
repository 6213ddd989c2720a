"""Authentication and scopes: every service verifies tokens with the public key; only the gateway signs them.

Tokens expire in wall time: the fast clock of a demo does not log people out.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from fastapi import Request, Security
from fastapi.security import OAuth2PasswordBearer
from jwt.types import Options

from pacewatch.contracts.http.api import PREFIX, SCOPES
from pacewatch.kit import keys
from pacewatch.kit.errors import Forbidden, SecondFactorRequired, Unauthorized
from pacewatch.kit.http import security
from pacewatch.kit.http.description import ACCOUNT_SCHEME
from pacewatch.kit.http.revocations import Revocations

ALGORITHM = "EdDSA"
ISSUER = "pacewatch"
AUDIENCE = "pacewatch-api"
MAX_CACHED_TOKENS = 1_000
API_KEY_ROLE = "api-key"
_EXPIRED = "the token has expired; log in again"
_NEVER = datetime.max.replace(tzinfo=UTC)
# PyJWT skips other characters in a signature: one token would then have any number of texts, and nginx counts by text.
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{86}", re.ASCII)
# When a token was signed is not checked: a machine whose clock is behind would refuse it. Its end bounds a token.
_OPTIONS: Options = {"require": ["exp", "iat", "iss", "aud", "sub", "jti"], "verify_iat": False, "verify_nbf": False}

_bearer = OAuth2PasswordBearer(
    tokenUrl=f"{PREFIX}/auth/login",
    scheme_name=ACCOUNT_SCHEME,
    description="a login with e-mail address and password; its role decides its scopes",
    scopes=SCOPES,
    auto_error=False,
)

DeviceRanges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a person or an API key, with its scopes.

    `name` is the e-mail address of the person, or `key:<id>`. `epoch` rises when the account's tokens are revoked.
    `devices` are the ranges of device ids, ends included, and `sites` the sites that the key is bound to; None: all.
    A person who `lacks_second_factor` has few scopes until it is set up.
    """

    name: str
    role: str
    scopes: frozenset[str]
    token_id: str
    expires_at: datetime = _NEVER
    issued_at: datetime = _NEVER
    account_id: str = ""
    epoch: int = 0
    devices: DeviceRanges | None = None
    sites: tuple[str, ...] | None = None
    lacks_second_factor: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether this is a key that may send for some devices only."""
        return self.devices is not None or self.sites is not None


class Signer:
    """Signs tokens; only the gateway has one. A key that is given as a function is read at the first token."""

    def __init__(self, private: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey]) -> None:
        self._given = private

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return self._given() if callable(self._given) else self._given

    @cached_property
    def key_id(self) -> str:
        """The id of the signing key, which each token carries as `kid`."""
        return keys.key_id(self._private.public_key())

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
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self.key_id})


class Verifier:
    """Verifies tokens against its public keys: several while keys are rotated."""

    def __init__(self, public_keys: Sequence[Ed25519PublicKey]) -> None:
        self._keys = {keys.key_id(key): key for key in public_keys}
        self.revocations = Revocations()
        # A valid signature stays valid, so a client that sends many batches pays for the check once.
        self._decode_cached = lru_cache(MAX_CACHED_TOKENS)(self._decode)

    def verify(self, token: str) -> Principal:
        """The owner of the token; Unauthorized if it is invalid, expired or revoked."""
        principal = self.identify(token)
        self.check(principal)
        return principal

    def identify(self, token: str) -> Principal:
        """The owner of a signed token that may have been revoked; Unauthorized if it was never valid or has expired."""
        return self._decode_cached(token)

    def check(self, principal: Principal) -> None:
        """Unauthorized if the principal's token has expired or was revoked since it was verified."""
        if principal.expires_at <= datetime.now(UTC):
            raise Unauthorized(_EXPIRED)
        self.revocations.check(principal.token_id, principal.account_id, principal.epoch)
        if principal.role == API_KEY_ROLE:
            self.revocations.check_key(principal.token_id, principal.issued_at)

    def _decode(self, token: str) -> Principal:
        """The checks whose result cannot change: signature, issuer, audience, claims."""
        try:
            if not _TOKEN.fullmatch(token):
                raise ValueError("not a token of ours")
            key = self._keys[str(jwt.get_unverified_header(token).get("kid"))]
            claims = jwt.decode(token, key, algorithms=[ALGORITHM], issuer=ISSUER, audience=AUDIENCE, options=_OPTIONS)
            return _principal(claims)
        except jwt.ExpiredSignatureError:
            raise Unauthorized(_EXPIRED) from None
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
            raise Unauthorized("the token is not valid here; log in again") from None


def _principal(claims: dict[str, Any]) -> Principal:
    """The owner of a token with these claims; KeyError, TypeError or ValueError if one is missing or wrong."""
    role, token_id = str(claims.get("role", "")), str(claims["jti"])
    devices, sites = claims.get("devices"), claims.get("sites")
    return Principal(
        # A name is chosen freely, and could be the address of a person.
        name=f"key:{token_id}" if role == API_KEY_ROLE else str(claims["sub"]),
        role=role,
        scopes=frozenset(str(scope) for scope in claims["scopes"]),
        token_id=token_id,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        account_id=str(claims.get("account", "")),
        epoch=int(claims.get("epoch", 0)),
        devices=None if devices is None else tuple((int(first), int(last)) for first, last in devices),
        sites=None if sites is None else tuple(str(site) for site in sites),
        lacks_second_factor=bool(claims.get("lacks_second_factor", False)),
    )


def require(scope: str, *, bound_keys: bool = False) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: the caller, if the token carries `scope`; else 401 or 403.

    A key that is bound to devices or sites is refused unless `bound_keys`: such a route checks the devices itself.
    It is a coroutine because FastAPI runs plain functions in a thread, which takes longer than the check.
    """

    async def check(request: Request, token: Annotated[str | None, Security(_bearer, scopes=[scope])]) -> Principal:
        if not token:
            raise Unauthorized()
        verifier: Verifier = request.app.state.verifier
        principal = verifier.identify(token)
        if getattr(request.state, "principal", None) is None:  # a route makes its checks before the body and after
            # Known before the check: the event of a refused key names the key.
            request.state.principal = principal
            if principal.role == API_KEY_ROLE:
                security.note(request, "key_used")
        verifier.check(principal)
        if scope not in principal.scopes and principal.lacks_second_factor:
            raise SecondFactorRequired()
        if scope not in principal.scopes:
            raise Forbidden(f"this needs the scope {scope}, which your role or key does not have")
        if principal.is_bound and not bound_keys:
            raise Forbidden("this key is bound to devices or sites and may only send what is about them")
        return principal

    # By these the router finds the check, to make it before it reads the body, and the page of who may do what is made.
    check.scope, check.bound_keys = scope, bound_keys  # type: ignore[attr-defined]
    return check


async def authorize(request: Request, checks: Iterable[Callable[..., Awaitable[Principal]]]) -> None:
    """Make the checks of a route before its body is read; 401 or 403."""
    for check in checks:
        await check(request, await _bearer(request))


def check_again(request: Request) -> None:
    """Unauthorized if the caller's token has expired or was revoked since the request began."""
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is not None:
        request.app.state.verifier.check(principal)
