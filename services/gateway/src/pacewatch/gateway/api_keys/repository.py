"""Queries over API keys. Their tokens are not stored."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit.db import Session

Row = dict[str, Any]

REVOCATION_CHANNEL: Final = "pacewatch_gateway_revocations"

_ADD = sa.text("""
    INSERT INTO gateway.api_keys (id, name, scopes, created_by, expires_at)
    VALUES (:id, :name, :scopes, :created_by, clock_timestamp() + make_interval(days => :days)) RETURNING *
""")
_LIST = sa.text("SELECT * FROM gateway.api_keys ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset")
_COUNT = sa.text("SELECT count(*) FROM gateway.api_keys")
_REVOKE = sa.text("""
    UPDATE gateway.api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = :id RETURNING name
""")
_NOTIFY = sa.text("SELECT pg_notify(:channel, '')")
_REVOKED = sa.text("""
    SELECT id FROM gateway.api_keys WHERE revoked_at IS NOT NULL AND expires_at > clock_timestamp()
""")
_TABLE_EXISTS = sa.text("SELECT to_regclass('gateway.api_keys') IS NOT NULL")


async def add(session: Session, **values: Any) -> Row:
    """The new key."""
    return dict((await session.execute(_ADD, values)).mappings().one())


async def list_keys(session: Session, limit: int, offset: int) -> tuple[list[Row], int]:
    """Keys, newest first, and the total count."""
    rows = await session.execute(_LIST, {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(_COUNT) or 0)


async def revoke(session: Session, key_id: UUID) -> str | None:
    """Revoke a key and notify every process; returns the key's name, or None if there is no such key."""
    name: str | None = await session.scalar(_REVOKE, {"id": key_id})
    if name is not None:
        await session.execute(_NOTIFY, {"channel": REVOCATION_CHANNEL})
    return name


async def revoked_ids(session: Session) -> Sequence[UUID]:
    """Keys that are revoked and have not expired; none while the gateway's tables do not exist yet."""
    if not await session.scalar(_TABLE_EXISTS):
        return []
    return (await session.scalars(_REVOKED)).all()
