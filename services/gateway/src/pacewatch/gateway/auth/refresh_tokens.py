"""Refresh tokens: random, stored as a hash, good for one use. A second use means theft, and ends the whole family.

A family is what grew from one login. The thief and the owner hold tokens of the same family; we cannot tell who came
second, so both must log in again.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.db import Session

LIFETIME: Final = timedelta(days=7)

_ADD = sa.text("""
    INSERT INTO gateway.refresh_tokens (token_hash, family, user_id, expires_at)
    VALUES (:token_hash, :family, :user_id, clock_timestamp() + make_interval(secs => :lifetime_s))
""")
_USE = sa.text("""
    UPDATE gateway.refresh_tokens SET used_at = clock_timestamp()
    WHERE token_hash = :token_hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > clock_timestamp()
    RETURNING user_id, family
""")
_REVOKE_FAMILY_OF_USED = sa.text("""
    UPDATE gateway.refresh_tokens SET revoked_at = clock_timestamp()
    WHERE revoked_at IS NULL AND family IN (
        SELECT family FROM gateway.refresh_tokens WHERE token_hash = :token_hash AND used_at IS NOT NULL)
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


async def issue(session: Session, user_id: UUID, family: UUID | None = None) -> str:
    """A new token, of a new family unless one is given."""
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": _hash(token),
        "family": family or uuid4(),
        "user_id": user_id,
        "lifetime_s": LIFETIME.total_seconds(),
    }
    await session.execute(_ADD, values)
    return token


async def use(session: Session, token: str) -> tuple[UUID, UUID] | None:
    """User and family of a good token, used up now. None if it is not good; used before, its family is revoked."""
    row = (await session.execute(_USE, {"token_hash": _hash(token)})).first()
    if row is not None:
        return row.user_id, row.family
    thieved = (await session.execute(_REVOKE_FAMILY_OF_USED, {"token_hash": _hash(token)})).first()
    if thieved is not None:
        log.warning("refresh_token_reused", user_id=str(thieved.user_id))
    return None


async def revoke(session: Session, token: str) -> None:
    """End the login this token belongs to."""
    await session.execute(_REVOKE_FAMILY, {"token_hash": _hash(token)})


async def revoke_all(session: Session, user_id: UUID) -> None:
    """End every login of this user."""
    await session.execute(_REVOKE_ALL, {"user_id": user_id})


async def prune(session: Session) -> None:
    """Drop what has expired."""
    await session.execute(_PRUNE)


def _hash(token: str) -> bytes:
    # The token is random and long: a plain hash cannot be guessed backwards.
    return hashlib.sha256(token.encode()).digest()
