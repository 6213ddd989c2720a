"""Refresh tokens: random, stored as a hash, usable once. A later second use means theft and revokes the whole family.

A family is every token that descends from one login. Thief and owner hold tokens of the same family, and the server
cannot tell which of them came second, so both must log in again.

The token that was used last works again for GRACE: two tabs sent it at once, or its answer was lost. Each use gives
a token of the same family, of which one is kept: its use revokes the others, and the use of a revoked one is a second
use. So a thief is noticed at the next refresh of either (docs/decisions/0040-a-grace-for-the-last-refresh-token.md).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.db import Session

LIFETIME: Final = timedelta(days=7)
# However often it is refreshed, a login ends after this time.
SESSION: Final = timedelta(days=30)
GRACE: Final = timedelta(seconds=30)

_ADD = sa.text("""
    INSERT INTO gateway.refresh_tokens (token_hash, family, user_id, expires_at, session_began_at)
    SELECT :token_hash, :family, :user_id,
        least(clock_timestamp() + make_interval(secs => :lifetime_s), began_at + make_interval(secs => :session_s)),
        began_at
    FROM (SELECT coalesce(CAST(:began_at AS timestamptz), clock_timestamp()) AS began_at) AS session
""")
_OWNER = sa.text("SELECT user_id FROM gateway.refresh_tokens WHERE token_hash = :token_hash")
_USE = sa.text("""
    UPDATE gateway.refresh_tokens SET used_at = clock_timestamp()
    WHERE token_hash = :token_hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp()
    RETURNING family, session_began_at
""")
# What was issued beside the token that is used now.
_REVOKE_OTHERS = sa.text("""
    UPDATE gateway.refresh_tokens SET revoked_at = clock_timestamp()
    WHERE family = :family AND used_at IS NULL AND revoked_at IS NULL
""")
_USED_LAST = sa.text("""
    SELECT family, session_began_at FROM gateway.refresh_tokens AS token
    WHERE token_hash = :token_hash AND revoked_at IS NULL AND expires_at > clock_timestamp()
        AND used_at > clock_timestamp() - make_interval(secs => :grace_s)
        AND NOT EXISTS (SELECT FROM gateway.refresh_tokens AS later
            WHERE later.family = token.family AND later.used_at > token.used_at)
""")
_REVOKE_FAMILY_OF_USED = sa.text("""
    UPDATE gateway.refresh_tokens SET revoked_at = clock_timestamp()
    WHERE revoked_at IS NULL AND family IN (SELECT family FROM gateway.refresh_tokens
        WHERE token_hash = :token_hash AND (used_at IS NOT NULL OR revoked_at IS NOT NULL))
    RETURNING user_id
""")
_REVOKE_FAMILY = sa.text("""
    UPDATE gateway.refresh_tokens SET revoked_at = clock_timestamp()
    WHERE revoked_at IS NULL
        AND family IN (SELECT family FROM gateway.refresh_tokens WHERE token_hash = :token_hash)
""")
_REVOKE_ALL = sa.text("""
    UPDATE gateway.refresh_tokens SET revoked_at = clock_timestamp() WHERE user_id = :user_id AND revoked_at IS NULL
""")
_PRUNE = sa.text("DELETE FROM gateway.refresh_tokens WHERE expires_at < clock_timestamp()")

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """One login: the family of its tokens, and when it began."""

    family: UUID
    began_at: datetime


async def issue(session: Session, user_id: UUID, login: Login | None = None) -> str:
    """A new token of this login, or of a new one."""
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": _hash(token),
        "family": login.family if login else uuid4(),
        "user_id": user_id,
        "lifetime_s": LIFETIME.total_seconds(),
        "session_s": SESSION.total_seconds(),
        "began_at": login.began_at if login else None,
    }
    await session.execute(_ADD, values)
    return token


async def owner(session: Session, token: str) -> UUID | None:
    """Whose token it is, valid or not; None if it was never issued."""
    user_id: UUID | None = await session.scalar(_OWNER, {"token_hash": _hash(token)})
    return user_id


async def use(session: Session, token: str) -> Login | None:
    """The login of a valid token, which is then used up; None if it is not valid. Reuse revokes its family.

    The account of its owner is locked, so of two uses at once one comes after the other.
    """
    row = (await session.execute(_USE, {"token_hash": _hash(token)})).first()
    if row is not None:
        await session.execute(_REVOKE_OTHERS, {"family": row.family})
        return Login(row.family, row.session_began_at)
    row = (await session.execute(_USED_LAST, {"token_hash": _hash(token), "grace_s": GRACE.total_seconds()})).first()
    if row is not None:
        return Login(row.family, row.session_began_at)
    reused = (await session.execute(_REVOKE_FAMILY_OF_USED, {"token_hash": _hash(token)})).first()
    if reused is not None:
        log.warning("refresh_token_reused", user_id=str(reused.user_id))
    return None


async def revoke(session: Session, token: str) -> None:
    """End the login that this token belongs to."""
    await session.execute(_REVOKE_FAMILY, {"token_hash": _hash(token)})


async def revoke_all(session: Session, user_id: UUID) -> None:
    """End every login of this user."""
    await session.execute(_REVOKE_ALL, {"user_id": user_id})


async def prune(session: Session) -> None:
    """Delete expired tokens."""
    await session.execute(_PRUNE)


def _hash(token: str) -> bytes:
    # The token is long and random, so nobody can guess it from a plain hash.
    return hashlib.sha256(token.encode()).digest()
