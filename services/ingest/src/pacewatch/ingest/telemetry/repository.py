"""Queries on readings and on the audit of batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.contracts.profile import Profile
from pacewatch.ingest import audit, day_sums, partitions
from pacewatch.ingest.audit import AuditFilter
from pacewatch.ingest.telemetry import bulk, devices, statements
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session, driver

AuditColumns = Mapping[str, object]
"""Columns of a batch's audit row, by name, with their values."""

_FIRST_REPLY = sa.text("""
    SELECT request_hash, reply_status, reply FROM ingest.batches
    WHERE actor = :actor AND idempotency_key = :idempotency_key
""")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A reading that was not stored because its key is stored: its place among the given, and whether values agree."""

    place: int
    has_same_values: bool


async def open_batch(session: Session, opening: AuditColumns) -> int | None:
    """Insert the audit row; its number, or None if this actor's Idempotency-Key is taken.

    Waits until no other transaction uses the same key.
    """
    statement = statements.insert_audit_row(opening)
    statement += " ON CONFLICT (actor, idempotency_key) DO NOTHING RETURNING number"
    result = await (await session.connection()).exec_driver_sql(statement, tuple(opening.values()))
    number: int | None = result.scalar_one_or_none()
    return number


async def first_reply(session: Session, actor: str, idempotency_key: str) -> sa.Row[Any]:
    """The hash of the request that first used the key, and its stored reply."""
    return (await session.execute(_FIRST_REPLY, {"actor": actor, "idempotency_key": idempotency_key})).one()


async def close_batch(session: Session, number: int, closing: AuditColumns) -> None:
    """Complete the audit row."""
    await (await driver(session)).execute(statements.update_audit_row(closing), number, *closing.values())


async def store_new(session: Session, profile: Profile, audit_row: AuditColumns, readings: Readings) -> bool:
    """Store a batch and its audit row in one statement; False if one of the keys is stored already.

    After False the transaction can only be rolled back. Without ON CONFLICT a row takes two thirds of the time.
    """
    ordered = readings.where(partitions.storage_order(readings))
    statement = statements.insert_batch(profile, tuple(audit_row))
    parameters = (*statements.parameters_of(ordered), *audit_row.values())
    try:
        await (await session.connection()).exec_driver_sql(statement, parameters)
    except sa.exc.IntegrityError:
        return False
    await devices.register(session, readings.device_ids)
    return True


async def store(session: Session, profile: Profile, number: int, readings: Readings) -> list[Duplicate]:
    """Store the readings as batch `number`; returns those whose key was stored before."""
    if not len(readings):
        return []
    order = partitions.storage_order(readings)
    duplicates = await _store_ordered(await driver(session), profile, number, readings.where(order))
    await devices.register(session, readings.device_ids)
    return [Duplicate(int(order[record["place"]]), record["has_same_values"]) for record in duplicates]


async def _store_ordered(
    connection: asyncpg.Connection, profile: Profile, number: int, readings: Readings
) -> Sequence[asyncpg.Record]:
    if len(readings) >= bulk.MIN_ROWS and await bulk.copy(connection, number, readings):
        return []
    parameters = (*statements.parameters_of(readings), number)
    status = await connection.execute(statements.insert_new_readings(profile), *parameters)
    if status == f"INSERT 0 {len(readings)}":
        return []
    duplicates: Sequence[asyncpg.Record] = await connection.fetch(statements.select_duplicates(profile), *parameters)
    return duplicates


_BATCH = """
    id AS batch_id, mode, received_at, actor, address, correlation_id, received, accepted, duplicates, rejected, late,
    removed, codes, first_s AS first_reading_at, last_s AS last_reading_at, idempotency_key
"""


async def batches(session: Session, filters: AuditFilter, paging: Paging) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of the audit, newest first, and how many batches there are."""
    return await audit.page(session, "ingest.batches", _BATCH, filters, paging)


async def batch(session: Session, batch_id: UUID) -> sa.RowMapping | None:
    """The audit row of one batch."""
    query = sa.text(f"SELECT {_BATCH} FROM ingest.batches WHERE id = :id")  # noqa: S608 - a constant
    return (await session.execute(query, {"id": batch_id})).mappings().first()


_SUMMARY = sa.text(f"""
    SELECT (SELECT count(*) FROM ingest.devices) AS devices, coalesce(sum(stored), 0)::bigint AS rows,
        min(first_s) AS first_reading_at, max(last_s) AS last_reading_at,
        max(last_received_at) AS last_received_at, coalesce(sum(batches), 0)::bigint AS batches,
        coalesce(sum(accepted) FILTER (WHERE day >= :today), 0)::bigint AS rows_today
    FROM ({day_sums.DAYS}) AS days
""")  # noqa: S608 - a constant


async def summary(session: Session, today: date) -> dict[str, Any]:
    """Totals of stored readings, from the audit: each was accepted by one batch and not removed by retention."""
    return dict((await session.execute(_SUMMARY, {"today": today})).mappings().one())
