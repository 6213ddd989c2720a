"""Queries over API keys. Their tokens are not stored."""

import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pacewatch.gateway.api_keys.schemas import MAX_DAYS
from pacewatch.kit.db import Session

Row = dict[str, Any]

_ADD = sa.text("""
    INSERT INTO gateway.api_keys (id, name, scopes, devices, sites, kid, created_by, creator_id, expires_at)
    VALUES (:id, :name, :scopes, CAST(:devices AS jsonb), :sites, :kid, :created_by, :creator_id,
        clock_timestamp() + make_interval(days => :days))
    ON CONFLICT (lower(name)) WHERE revoked_at IS NULL DO NOTHING RETURNING *
""")
_LIST = sa.text("SELECT * FROM gateway.api_keys ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset")
_COUNT = sa.text("SELECT count(*) FROM gateway.api_keys")
_REVOKE = sa.text("""
    INSERT INTO gateway.api_keys AS known (id, name, scopes, created_by, expires_at, revoked_at)
    VALUES (:id, 'unknown', '{}', 'unknown', clock_timestamp() + make_interval(days => :days), clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET revoked_at = coalesce(known.revoked_at, clock_timestamp()) RETURNING name
""")


async def add(session: Session, devices: Any, **values: Any) -> Row | None:
    """The new key; None if the name is taken."""
    row = (await session.execute(_ADD, values | {"devices": json.dumps(devices)})).mappings().first()
    return dict(row) if row is not None else None


async def list_keys(session: Session, limit: int, offset: int) -> tuple[list[Row], int]:
    """Keys, newest first, and the total count."""
    rows = await session.execute(_LIST, {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(_COUNT) or 0)


async def revoke(session: Session, key_id: UUID) -> str:
    """Revoke a key and return its name; one that is not known is entered as revoked, for as long as it may live."""
    name: str = (await session.execute(_REVOKE, {"id": key_id, "days": MAX_DAYS})).scalar_one()
    return name
