"""Queries over the latest events. Their numbers rise in the order of commits, so a reader that follows skips none."""

import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.gateway.schemas import LiveEvent
from pacewatch.kit.db import Session

CHANNEL: Final = "pacewatch_gateway_live"
KEPT: Final = 5_000

# A sequence alone is handed out before the commit, and `seq > last` would skip what commits late. One writer at a time,
# from taking the number to the commit, makes the two orders the same; the lock ends with the transaction.
_IN_TURN = sa.text("SELECT pg_advisory_xact_lock(hashtext('pacewatch gateway.live_events'))")
_APPEND = sa.text("""
    INSERT INTO gateway.live_events (type, subject, time, correlation_id, summary)
    VALUES (:type, :subject, clock_timestamp(), :correlation_id, CAST(:summary AS jsonb))
""")
_RING = sa.text("SELECT pg_notify(:channel, '')")
_AFTER = sa.text("SELECT * FROM gateway.live_events WHERE seq > :seq ORDER BY seq LIMIT :limit")
_RECENT = sa.text("SELECT * FROM gateway.live_events ORDER BY seq DESC LIMIT :limit")
_NEWEST = sa.text("SELECT coalesce(max(seq), 0) FROM gateway.live_events")
_PRUNE = sa.text("DELETE FROM gateway.live_events WHERE seq <= (SELECT max(seq) FROM gateway.live_events) - :kept")


async def append(session: Session, *, type_: str, subject: str, correlation_id: str, summary: dict[str, Any]) -> None:
    """Add an event; last thing in a transaction, for others wait until it ends."""
    values = {"type": type_, "subject": subject, "correlation_id": correlation_id, "summary": json.dumps(summary)}
    await session.execute(_IN_TURN)
    await session.execute(_APPEND, values)
    await session.execute(_RING, {"channel": CHANNEL})


async def after(session: Session, seq: int, limit: int) -> Sequence[LiveEvent]:
    """What came after `seq`, oldest first."""
    return [LiveEvent(**row) for row in (await session.execute(_AFTER, {"seq": seq, "limit": limit})).mappings()]


async def recent(session: Session, limit: int) -> Sequence[LiveEvent]:
    """The last events, newest first."""
    return [LiveEvent(**row) for row in (await session.execute(_RECENT, {"limit": limit})).mappings()]


async def newest(session: Session) -> int:
    """The last number given; 0 before the first."""
    return int(await session.scalar(_NEWEST) or 0)


async def prune(session: Session, kept: int = KEPT) -> None:
    """Keep about the newest `kept`."""
    await session.execute(_PRUNE, {"kept": kept})
