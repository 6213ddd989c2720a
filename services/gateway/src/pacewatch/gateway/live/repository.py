"""Queries over the latest events. Their numbers rise in commit order, so a reader that follows them skips none."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.gateway.live.schemas import LiveEvent
from pacewatch.kit.db import Session
from pacewatch.kit.messaging import restore

CHANNEL: Final = "pacewatch_gateway_live"
KEPT_EVENTS: Final = 5_000

# A sequence gives out numbers before the commit, so a reader asking for `seq > last` would skip an event that commits
# late. Only one transaction at a time may hold this lock, from taking its number to its commit: then both orders agree.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('pacewatch gateway.live_events'))")
_APPEND = sa.text("""
    INSERT INTO gateway.live_events (type, subject, time, correlation_id, summary)
    VALUES (:type, :subject, clock_timestamp(), :correlation_id, CAST(:summary AS jsonb))
""")
_NOTIFY = sa.text("SELECT pg_notify(:channel, '')")
_AFTER = sa.text("SELECT * FROM gateway.live_events WHERE seq > :seq ORDER BY seq LIMIT :limit")
_RECENT = sa.text("SELECT * FROM gateway.live_events ORDER BY seq DESC LIMIT :limit")
_NEWEST = sa.text("SELECT coalesce(max(seq), 0) FROM gateway.live_events")
_PRUNE = sa.text("DELETE FROM gateway.live_events WHERE seq <= (SELECT max(seq) FROM gateway.live_events) - :kept")


async def append(session: Session, *, type_: str, subject: str, correlation_id: str, summary: dict[str, Any]) -> None:
    """Add an event, as the last step of a transaction: other writers wait until it ends."""
    values = {"type": type_, "subject": subject, "correlation_id": correlation_id, "summary": json.dumps(summary)}
    await session.execute(_LOCK)
    await session.execute(_APPEND, values)
    await session.execute(_NOTIFY, {"channel": CHANNEL})


async def list_after(session: Session, seq: int, limit: int) -> Sequence[LiveEvent]:
    """The events after number `seq`, oldest first."""
    return [LiveEvent(**row) for row in (await session.execute(_AFTER, {"seq": seq, "limit": limit})).mappings()]


async def list_recent(session: Session, limit: int) -> Sequence[LiveEvent]:
    """The latest events, newest first."""
    return [LiveEvent(**row) for row in (await session.execute(_RECENT, {"limit": limit})).mappings()]


async def newest_seq(session: Session) -> int:
    """The number of the newest event; 0 before the first."""
    return int(await session.scalar(_NEWEST) or 0)


async def epoch(session: Session) -> str:
    """What the numbers belong to: another text after a backup was restored, when numbers are given out again."""
    return hashlib.sha256((await restore.identity_of(session)).encode()).hexdigest()[:16]


async def prune(session: Session, kept: int = KEPT_EVENTS) -> None:
    """Delete all but about the newest `kept` events."""
    await session.execute(_PRUNE, {"kept": kept})
