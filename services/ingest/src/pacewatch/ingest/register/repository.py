"""Queries on the register. Of the entries of a device, attribute and moment the one with the highest number counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.ingest.register.checking import Entry
from pacewatch.kit.db import Session, driver

# So that numbers rise in the order in which registrations commit, and none compares with values about to change.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('ingest.register'))")
_CHANGED = """
    SELECT given.place FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::float8[])
        WITH ORDINALITY AS given (device_id, attribute, valid_from_s, as_text, as_number, place)
    LEFT JOIN ingest.device_attributes AS held USING (device_id, attribute, valid_from_s)
    WHERE (given.as_text, given.as_number) IS DISTINCT FROM (held.as_text, held.as_number)
    ORDER BY given.place
"""
_REGISTER = sa.text("""
    INSERT INTO ingest.registrations (id, recorded_at, actor, reason, correlation_id, entries)
    VALUES (:id, :recorded_at, :actor, :reason, :correlation_id, :entries) RETURNING number
""")
_INSERT = """
    INSERT INTO ingest.attributes (registration, device_id, attribute, valid_from_s, as_text, as_number)
    SELECT $1, device_id, attribute, valid_from_s, as_text, as_number
    FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::float8[])
        WITH ORDINALITY AS given (device_id, attribute, valid_from_s, as_text, as_number, place)
    ORDER BY place
"""
_ALL = "SELECT DISTINCT device_id FROM ingest.attributes"
_WITH_VALUE = """
    SELECT device_id FROM (
        SELECT DISTINCT ON (device_id) device_id, as_text FROM ingest.device_attributes
        WHERE attribute = :attribute AND valid_from_s <= :as_of_s ORDER BY device_id, valid_from_s DESC
    ) AS held WHERE as_text = :value
"""
_CURRENT = sa.text("""
    SELECT DISTINCT ON (device_id, attribute) device_id, attribute, valid_from_s, as_text, as_number
    FROM ingest.device_attributes WHERE device_id = ANY(:device_ids) AND valid_from_s <= :as_of_s
    ORDER BY device_id, attribute, valid_from_s DESC
""")
_CHANGED_AT = sa.text("""
    SELECT device_id, max(recorded_at) AS changed_at
    FROM ingest.attributes AS entry JOIN ingest.registrations AS registration ON registration.number = registration
    WHERE device_id = ANY(:device_ids) GROUP BY device_id
""")
_HISTORY = sa.text("""
    SELECT entry.attribute, entry.valid_from_s, entry.as_text, entry.as_number, registration.id AS registration_id,
        registration.recorded_at, registration.actor, registration.reason
    FROM ingest.attributes AS entry JOIN ingest.registrations AS registration ON registration.number = registration
    WHERE device_id = :device_id ORDER BY entry.number DESC LIMIT :size OFFSET :offset
""")
_HISTORY_COUNT = sa.text("SELECT count(*) FROM ingest.attributes WHERE device_id = :device_id")


async def lock(session: Session) -> None:
    """Wait for every other change of the register."""
    await session.execute(_LOCK)


async def changed(session: Session, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that say something else than the register does."""
    records = await (await driver(session)).fetch(_CHANGED, *_columns(entries))
    return [entries[record["place"] - 1] for record in records]


async def add(
    session: Session, entries: Sequence[Entry], registration_id: UUID, recorded_at: datetime, **audit: str
) -> int:
    """Store entries under one registration, whose number is returned; `audit`: actor, reason and correlation_id."""
    values = {"id": registration_id, "recorded_at": recorded_at, "entries": len(entries), **audit}
    number = int(await session.scalar(_REGISTER, values))
    await (await driver(session)).execute(_INSERT, number, *_columns(entries))
    return number


async def sent_since(session: Session, since: datetime, after: int, limit: int) -> Sequence[asyncpg.Record]:
    """Number, id and count of entries of at most `limit` registrations with numbers above `after`."""
    query = """
        SELECT number, id, entries FROM ingest.registrations
        WHERE number > $1 AND recorded_at >= $2 ORDER BY number LIMIT $3"""
    return await (await driver(session)).fetch(query, after, since, limit)  # type: ignore[no-any-return]


async def registration(session: Session, number: int) -> tuple[UUID, datetime, Sequence[asyncpg.Record]]:
    """Id and time of a registration, and its entries in the order of their numbers."""
    connection = await driver(session)
    found = await connection.fetchrow("SELECT id, recorded_at FROM ingest.registrations WHERE number = $1", number)
    query = """
        SELECT number, device_id, attribute, valid_from_s, as_text, as_number FROM ingest.attributes
        WHERE registration = $1 ORDER BY number"""
    return UUID(bytes=found["id"].bytes), found["recorded_at"], await connection.fetch(query, number)


async def page(
    session: Session, has_value: tuple[str, str] | None, as_of_s: int, paging: Paging
) -> tuple[list[int], int]:
    """The ids on one page of the registered devices, or of those with a text as the value of an attribute."""
    chosen, values = (_ALL, {}) if has_value is None else (_WITH_VALUE, _filter(has_value, as_of_s))
    query = sa.text(f"{chosen} ORDER BY device_id LIMIT :size OFFSET :offset")
    ids = await session.scalars(query, {**values, "size": paging.size, "offset": paging.offset})
    count = sa.text(f"SELECT count(*) FROM ({chosen}) AS chosen")  # noqa: S608 - constants
    return [int(one) for one in ids], int(await session.scalar(count, values) or 0)


async def current(session: Session, device_ids: Sequence[int], as_of_s: int) -> Sequence[sa.RowMapping]:
    """The values of these devices' attributes at a moment."""
    return (await session.execute(_CURRENT, {"device_ids": device_ids, "as_of_s": as_of_s})).mappings().all()


async def changed_at(session: Session, device_ids: Sequence[int]) -> dict[int, datetime]:
    """When the register last changed about each of these devices; those without an entry are left out."""
    rows = (await session.execute(_CHANGED_AT, {"device_ids": device_ids})).all()
    return {row.device_id: row.changed_at for row in rows}


async def history(session: Session, device_id: int, paging: Paging) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of the entries of a device, the last recorded first, and their number."""
    values = {"device_id": device_id, "size": paging.size, "offset": paging.offset}
    rows = (await session.execute(_HISTORY, values)).mappings().all()
    return rows, int(await session.scalar(_HISTORY_COUNT, {"device_id": device_id}) or 0)


def _filter(has_value: tuple[str, str], as_of_s: int) -> dict[str, Any]:
    attribute, value = has_value
    return {"attribute": attribute, "value": value, "as_of_s": as_of_s}


def _columns(entries: Sequence[Entry]) -> list[list[Any]]:
    return [[getattr(one, name) for one in entries] for name in Entry._fields[1:]]
