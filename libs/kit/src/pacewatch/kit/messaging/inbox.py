"""The inbox: deduplicates deliveries, so that each event takes effect once, and counts failures across restarts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert

from pacewatch.kit.db import NOW, Session
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.bus import Queue

# Longer than any redelivery can take.
KEPT_DAYS: Final = 30


async def claim(session: Session, handler: str, event_id: UUID) -> bool:
    """Claim this event for `handler`: True commits with the effect; False if an earlier delivery already took effect.

    The upsert locks the row, so a second delivery of the same event waits until the first commits or rolls back.
    """
    table = tables.inbox(session.info["service"])
    row = insert(table).values(handler=handler, event_id=event_id, done_at=NOW)
    row = row.on_conflict_do_update(
        index_elements=["handler", "event_id"], set_={"done_at": NOW}, where=table.c.done_at.is_(None)
    )
    return (await session.execute(row.returning(table.c.event_id))).first() is not None


async def record_failure(session: Session, handler: str, event_id: UUID, reason: str) -> int:
    """Count a failure of `handler` on this event; returns the number of failures so far."""
    table = tables.inbox(session.info["service"])
    row = insert(table).values(handler=handler, event_id=event_id, failures=1, last_error=reason[:2_000])
    row = row.on_conflict_do_update(
        index_elements=["handler", "event_id"],
        set_={"failures": table.c.failures + 1, "last_error": row.excluded.last_error},
    )
    return int((await session.execute(row.returning(table.c.failures))).scalar_one())


async def reset_failures(session: Session, handler: str, event_id: UUID) -> None:
    """Delete earlier failures, before the event is redelivered after a fix."""
    table = tables.inbox(session.info["service"])
    same = (table.c.handler == handler) & (table.c.event_id == event_id)
    await session.execute(sa.delete(table).where(same, table.c.done_at.is_(None)))


async def handled(session: Session, queue: Queue, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these events whose effect the handler of `queue` has committed."""
    return {event_id for event_id, at in (await received(session, queue, event_ids)).items() if at is not None}


async def received(session: Session, queue: Queue, event_ids: Sequence[UUID]) -> dict[UUID, datetime | None]:
    """Those of these events that reached the handler of `queue`, and when it handled them; None: it failed so far."""
    table = tables.inbox(queue.service)
    ids = sa.cast(list(event_ids), postgresql.ARRAY(postgresql.UUID(as_uuid=True)))
    query = sa.select(table.c.event_id, table.c.done_at).where(table.c.event_id == sa.any_(ids))
    rows = await session.execute(query.where(table.c.handler == queue.handler))
    return {row.event_id: row.done_at for row in rows}


async def prune(session: Session, older_than_days: int = KEPT_DAYS) -> int:
    """Delete handled deliveries that are older than any redelivery can be; returns their number."""
    table = tables.inbox(session.info["service"])
    age = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, older_than_days)
    result = await session.execute(sa.delete(table).where(table.c.done_at < age).returning(table.c.event_id))
    return len(result.all())
