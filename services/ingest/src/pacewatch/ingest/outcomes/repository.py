"""Queries on outcomes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit.db import Session, driver

_INSERT = """
    INSERT INTO ingest.outcomes
        (id, device_id, kind, mode, occurred_at_s, learnt_at_s, recorded_at, actor, correlation_id)
    SELECT id, device_id, kind, mode, occurred_at_s, learnt_at_s, $7, $8, $9
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
        AS given (id, device_id, kind, mode, occurred_at_s, learnt_at_s)
    ORDER BY device_id, kind, occurred_at_s, mode
    ON CONFLICT (device_id, kind, occurred_at_s, mode) DO NOTHING
    RETURNING id
"""

_PAGE = sa.text("""
    SELECT id AS outcome_id, device_id, kind, mode, occurred_at_s AS occurred_at, learnt_at_s AS learnt_at, recorded_at,
        actor
    FROM ingest.outcomes
    WHERE (CAST(:device_id AS bigint) IS NULL OR device_id = :device_id)
        AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    ORDER BY occurred_at_s DESC, id LIMIT :size OFFSET :skip
""")
_COUNT = sa.text("""
    SELECT count(*) FROM ingest.outcomes
    WHERE (CAST(:device_id AS bigint) IS NULL OR device_id = :device_id)
        AND (CAST(:kind AS text) IS NULL OR kind = :kind)
""")


async def insert(session: Session, columns: Sequence[Sequence[Any]], *common: object) -> set[UUID]:
    """Store what is new; `columns` are id, device, kind, mode, occurred and learnt; `common` the rest. Ids stored."""
    records = await (await driver(session)).fetch(_INSERT, *columns, *common)
    return {UUID(bytes=record["id"].bytes) for record in records}


async def page(
    session: Session, device_id: int | None, kind: str | None, page: int, size: int
) -> tuple[list[Mapping[str, Any]], int]:
    """One page of outcomes, the latest to occur first, and how many there are."""
    narrowed = {"device_id": device_id, "kind": kind}
    rows = (await session.execute(_PAGE, {**narrowed, "size": size, "skip": (page - 1) * size})).mappings()
    return [dict(row) for row in rows], int(await session.scalar(_COUNT, narrowed) or 0)
