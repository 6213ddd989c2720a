"""The inbox: a delivery takes effect once, however often it comes, and its failures are counted across restarts."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from pacewatch.kit.db import NOW, Session
from pacewatch.kit.messaging import tables


async def claim(session: Session, handler: str, event_id: UUID) -> bool:
    """Whether `handler` has yet to digest this event; True commits with the effect, False means it was done before.

    The upsert locks the row, so a second delivery of the same event waits for the first to commit or roll back.
    """
    table = tables.inbox(session.info["service"])
    row = insert(table).values(handler=handler, event_id=event_id, done_at=NOW)
    row = row.on_conflict_do_update(
        index_elements=["handler", "event_id"], set_={"done_at": NOW}, where=table.c.done_at.is_(None)
    )
    return (await session.execute(row.returning(table.c.event_id))).first() is not None


async def record_failure(session: Session, handler: str, event_id: UUID, reason: str) -> int:
    """Note that `handler` could not digest this event; returns how often by now."""
    table = tables.inbox(session.info["service"])
    row = insert(table).values(handler=handler, event_id=event_id, failures=1, last_error=reason[:2_000])
    row = row.on_conflict_do_update(
        index_elements=["handler", "event_id"],
        set_={"failures": table.c.failures + 1, "last_error": row.excluded.last_error},
    )
    return int((await session.execute(row.returning(table.c.failures))).scalar_one())


async def reset_failures(session: Session, handler: str, event_id: UUID) -> None:
    """Forget earlier failures: somebody mended the cause and replays the event."""
    table = tables.inbox(session.info["service"])
    same = (table.c.handler == handler) & (table.c.event_id == event_id)
    await session.execute(sa.delete(table).where(same, table.c.done_at.is_(None)))


async def prune(session: Session, older_than_days: int = 30) -> int:
    """Forget digested deliveries older than any redelivery can be."""
    table = tables.inbox(session.info["service"])
    age = sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, older_than_days)
    result = await session.execute(sa.delete(table).where(table.c.done_at < age).returning(table.c.event_id))
    return len(result.all())
