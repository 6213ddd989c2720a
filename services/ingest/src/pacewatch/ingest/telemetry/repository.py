"""Queries on readings and on the audit of batches; arrays go to the driver whole, one parameter a column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import numpy.typing as npt
import orjson
import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.contracts.profile import Profile
from pacewatch.ingest import audit, partitions, sums
from pacewatch.ingest.audit import Narrowing
from pacewatch.ingest.telemetry import bulk, devices
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session, driver

Audit = Mapping[str, object]
"""Columns of a batch's audit row, by name, with their values."""

_FIRST_REPLY = sa.text("""
    SELECT request_hash, reply_status, reply FROM ingest.batches
    WHERE actor = :actor AND idempotency_key = :idempotency_key
""")


@dataclass(frozen=True, slots=True)
class Known:
    """A row that was not stored because its key is: `place` among the rows given, and whether the values agree."""

    place: int
    same: bool


async def open_batch(session: Session, opening: Audit) -> int | None:
    """Insert the audit row; its number, or None if this caller's Idempotency-Key is taken.

    While another transaction is using the same key, this one waits for its end.
    """
    statement = f"{_insert_batch(opening)} ON CONFLICT (actor, idempotency_key) DO NOTHING RETURNING number"
    result = await (await session.connection()).exec_driver_sql(statement, tuple(opening.values()))
    number: int | None = result.scalar_one_or_none()
    return number


async def first_reply(session: Session, actor: str, idempotency_key: str) -> sa.Row[Any]:
    """What the request that first used the key was, and was answered."""
    return (await session.execute(_FIRST_REPLY, {"actor": actor, "idempotency_key": idempotency_key})).one()


async def close_batch(session: Session, number: int, closing: Audit) -> None:
    """Complete the audit row."""
    values = _parameters(closing, first=2)
    statement = f"UPDATE ingest.batches SET ({', '.join(closing)}) = ({values}) WHERE number = $1"  # noqa: S608 - our names
    await (await driver(session)).execute(statement, number, *closing.values())


async def store_new(session: Session, profile: Profile, audit_row: Audit, readings: Readings) -> bool:
    """Store a batch, its audit and its rows, in one statement; False if one of the keys was there.

    Then the transaction can only be rolled back. Without ON CONFLICT a row is written in two thirds of the time.
    """
    ordered = readings.where(partitions.storing_order(readings))
    statement = _store_new_sql(profile, tuple(audit_row))
    try:
        await (await session.connection()).exec_driver_sql(statement, (*_columns_of(ordered), *audit_row.values()))
    except sa.exc.IntegrityError:
        return False
    await devices.note(session, readings.device_ids)
    return True


async def store(session: Session, profile: Profile, number: int, readings: Readings) -> list[Known]:
    """Store the readings as those of batch `number`; returns the ones whose key was stored before."""
    if not len(readings):
        return []
    order = partitions.storing_order(readings)
    known = await _store_ordered(await driver(session), profile, number, readings.where(order))
    await devices.note(session, readings.device_ids)
    return [Known(int(order[record["place"] - 1]), record["same"]) for record in known]


async def _store_ordered(
    connection: asyncpg.Connection, profile: Profile, number: int, readings: Readings
) -> Sequence[asyncpg.Record]:
    if len(readings) >= bulk.FEWEST_ROWS and await bulk.copy(connection, number, readings):
        return []
    columns = _columns_of(readings)
    status = await connection.execute(_store_sql(profile), *columns, number)
    if status == f"INSERT 0 {len(readings)}":
        return []
    known: Sequence[asyncpg.Record] = await connection.fetch(_known_sql(profile), *columns, number)
    return known


@cache
def _store_new_sql(profile: Profile, audit_columns: tuple[str, ...]) -> str:
    return f"""
        WITH batch AS ({_insert_batch(audit_columns, first=3 + len(profile.signal_names))} RETURNING number)
        {_insert(profile, "(SELECT number FROM batch)")}
    """  # noqa: S608 - constants, and names from the profile


def _insert_batch(columns: Iterable[str], first: int = 1) -> str:
    names = tuple(columns)
    return f"INSERT INTO ingest.batches ({', '.join(names)}) VALUES ({_parameters(names, first)})"  # noqa: S608 - ours


def _parameters(columns: Iterable[str], first: int) -> str:
    return ", ".join(f"${number}" for number, _ in enumerate(columns, first))


@cache
def _store_sql(profile: Profile) -> str:
    return f"{_insert(profile, _number(profile))} ON CONFLICT DO NOTHING"


def _insert(profile: Profile, number: str) -> str:
    """In the order given, so that concurrent batches wait for each other and never deadlock."""
    signals = ", ".join(f'"{name}"' for name in profile.signal_names)
    return f"""
        INSERT INTO ingest.readings (device_id, timestamp_s, {signals}, batch_number, changed_xid)
        SELECT device_id, timestamp_s, {signals}, {number}, (SELECT pg_current_xact_id()::text::bigint)
        FROM {_given(profile)}
        ORDER BY place
    """  # noqa: S608 - names come from the profile


@cache
def _known_sql(profile: Profile) -> str:
    """A statement of its own: its snapshot sees rows that were committed while the insert waited for them.

    Key by key: for a join the planner might go through all readings.
    """
    stored, sent = (", ".join(f'{table}."{name}"' for name in profile.signal_names) for table in ("stored", "given"))
    return f"""
        WITH looked_up AS MATERIALIZED (
            SELECT place, (
                SELECT ({stored}) IS NOT DISTINCT FROM ({sent}) FROM ingest.readings AS stored
                WHERE stored.device_id = given.device_id AND stored.timestamp_s = given.timestamp_s
                    AND stored.batch_number <> {_number(profile)}
            ) AS same
            FROM {_given(profile)}
        )
        SELECT place, same FROM looked_up WHERE same IS NOT NULL
    """  # noqa: S608 - names come from the profile


def _given(profile: Profile) -> str:
    """The rows of `_columns_of`, which are the first parameters."""
    signals = ", ".join(f"${number}::text::float8[]" for number in range(3, 3 + len(profile.signal_names)))
    names = ", ".join(f'"{name}"' for name in profile.signal_names)
    rows = f"unnest($1::text::bigint[], $2::text::bigint[], {signals}) WITH ORDINALITY"
    return f"{rows} AS given (device_id, timestamp_s, {names}, place)"


def _number(profile: Profile) -> str:
    """The batch's number, the parameter behind the rows."""
    return f"${3 + len(profile.signal_names)}::bigint"


def _columns_of(readings: Readings) -> list[str]:
    return [_array(column) for column in (readings.device_ids, readings.timestamps_s, *readings.signals.values())]


def _array(column: npt.NDArray[Any]) -> str:
    """As a PostgreSQL array literal: exact, and a third of the time the driver takes to encode element by element."""
    digits = orjson.dumps(np.ascontiguousarray(column), option=orjson.OPT_SERIALIZE_NUMPY)
    return "{" + digits[1:-1].decode() + "}"


_BATCH = """
    id AS batch_id, mode, received_at, actor, address, correlation_id, received, accepted, duplicates, rejected, late,
    removed, codes, first_s AS first_timestamp, last_s AS last_timestamp, idempotency_key
"""


async def batches(session: Session, narrowing: Narrowing, paging: Paging) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of the audit, newest first, and how many batches there are."""
    return await audit.page(session, "ingest.batches", _BATCH, narrowing, paging)


async def batch(session: Session, batch_id: UUID) -> sa.RowMapping | None:
    """The audit row of one batch."""
    query = sa.text(f"SELECT {_BATCH} FROM ingest.batches WHERE id = :id")  # noqa: S608
    return (await session.execute(query, {"id": batch_id})).mappings().first()


_SUMMARY = sa.text(f"""
    SELECT (SELECT count(*) FROM ingest.devices) AS devices, coalesce(sum(stored), 0)::bigint AS rows,
        min(first_s) AS first_timestamp, max(last_s) AS last_timestamp,
        max(last_received_at) AS last_received_at, coalesce(sum(batches), 0)::bigint AS batches,
        coalesce(sum(accepted) FILTER (WHERE day >= :today), 0)::bigint AS rows_today
    FROM ({sums.DAYS}) AS days
""")  # noqa: S608 - a constant


async def summary(session: Session, today: date) -> dict[str, Any]:
    """What is stored, told by the audit: every stored row was accepted by exactly one batch, and not removed since."""
    return dict((await session.execute(_SUMMARY, {"today": today})).mappings().one())
