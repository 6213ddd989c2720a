"""The outbox: an event is a row that commits together with its cause; the relay publishes it from there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects import postgresql

from pacewatch.contracts.base import Event
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.envelope import Envelope


async def emit(session: Session, event: Event, event_id: UUID | None = None) -> UUID:
    """Publish `event` if, and only if, this transaction commits. Returns the id of the event.

    An event that may have to be published again gets an `event_id` that can be computed again.
    """
    row = _row(event, event_id or uuid4())
    await session.execute(sa.insert(tables.outbox(session.info["service"])).values(row))
    new_id: UUID = row["id"]
    return new_id


async def emit_all(session: Session, events: Sequence[Event]) -> None:
    """Like `emit` for each of `events`, in one statement."""
    if events:
        table = tables.outbox(session.info["service"])
        await session.execute(sa.insert(table), [_row(event, uuid4()) for event in events])


async def emit_by_id(session: Session, events: Mapping[UUID, Event]) -> None:
    """Like `emit_all` under these ids; an event that waits already is published once."""
    if events:
        statement = postgresql.insert(tables.outbox(session.info["service"])).on_conflict_do_nothing()
        await session.execute(statement, [_row(event, event_id) for event_id, event in events.items()])


async def waiting(session: Session, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these events that were not published yet."""
    table = tables.outbox(session.info["service"])
    # One parameter: a statement may have no more than 32,767.
    ids = sa.cast(list(event_ids), postgresql.ARRAY(postgresql.UUID(as_uuid=True)))
    return set((await session.scalars(sa.select(table.c.id).where(table.c.id == sa.any_(ids)))).all())


def _row(event: Event, event_id: UUID) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": event.type,
        "subject": event.subject(),
        "time": datetime.now(UTC),
        "correlation_id": logs.correlation_id() or str(event_id),
        "causation_id": logs.causation_id(),
        "schema_version": event.schema_version,
        "data": event.model_dump_json().encode(),
    }


async def claim(session: Session, limit: int, held: frozenset[str] = frozenset()) -> list[Envelope]:
    """Lock up to `limit` waiting events for this transaction, oldest first, without those of the types `held`.

    By row with SKIP LOCKED, not by `id > last`: transactions commit out of order, so a position would skip events.
    """
    service = session.info["service"]
    table = tables.outbox(service)
    query = sa.select(table).order_by(table.c.emitted_at).limit(limit).with_for_update(skip_locked=True)
    if held:
        query = query.where(table.c.type.not_in(sorted(held)))
    rows = (await session.execute(query)).mappings()
    return [_envelope(f"/pacewatch/{service}", row) for row in rows]


def _envelope(source: str, row: RowMapping) -> Envelope:
    return Envelope(source=source, **{key: value for key, value in row.items() if key != "emitted_at"})


async def delete(session: Session, envelopes: list[Envelope]) -> None:
    """Delete events that the bus has confirmed."""
    table = tables.outbox(session.info["service"])
    await session.execute(sa.delete(table).where(table.c.id.in_([envelope.id for envelope in envelopes])))


async def count_waiting(session: Session) -> int:
    """How many events wait to be published."""
    count = await session.scalar(sa.select(sa.func.count()).select_from(tables.outbox(session.info["service"])))
    return int(count or 0)
