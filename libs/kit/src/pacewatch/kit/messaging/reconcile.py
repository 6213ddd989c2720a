"""Finds events that their handler never received, and publishes them again under their own ids.

Between the broker's confirm and the handler's commit an event is in the broker alone. It is lost there when a backup is
restored, when a queue is missing or deleted, and when the broker loses its disk. The publisher's tables still have its
content, and the inbox of the consumer, whose row commits with the effect, says whether the effect is there.

An event that is published again although it was on its way has the same id, and the inbox recognises it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.base import Event
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.messaging import inbox, outbox, restore
from pacewatch.kit.messaging.bus import Bus, Queue

PAGE: Final = 2_000
EVENTS_AT_ONCE: Final = 50  # in memory; one has at most 2,000 rows
MISSING_AT_ONCE: Final = 10_000  # of one pass; the next one continues
# A consumer may hold a delivery for ten minutes while its database is away, and the queue does not count it meanwhile.
LOST_AFTER_S: Final = 900.0
# Less than the days for which an inbox keeps its rows.
LOOK_BACK: Final = timedelta(days=inbox.KEPT_DAYS - 1)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """An event that was published: its id, its position in the order of publishing, what `Source.rebuild` needs."""

    event_id: UUID
    position: int
    key: Any


@dataclass(frozen=True, slots=True)
class Again:
    """An event that is published again."""

    event_id: UUID
    type: str
    subject: str


ListSent = Callable[[Session, datetime, int, int], Awaitable[Sequence[Sent]]]
"""(session, since, after, limit) -> events caused since that fleet time, behind position `after`, in order."""
Rebuild = Callable[[Session, Sequence[Sent]], Awaitable[Mapping[UUID, Event]]]
"""The events themselves; one that cannot be built any more is left out."""


@dataclass(frozen=True, slots=True)
class Source:
    """Events of one service to one queue that can be built again from the service's tables.

    `is_ordered`: positions never change, and a list may be continued behind one. Otherwise `list_sent` gives all events
    after 0, few at any time, and none after another position.
    """

    queue: Queue
    list_sent: ListSent
    rebuild: Rebuild
    is_ordered: bool = False


@dataclass
class Watch:
    """What one process knows of the events of one source.

    `published` says how often those that are still missing were published again; `abandoned` cannot be built any more,
    and nobody waits for them.
    """

    cursor: int = 0
    listed: int = 0
    missing_since_s: dict[UUID, float] = field(default_factory=dict)
    published: dict[UUID, int] = field(default_factory=dict)
    abandoned: set[UUID] = field(default_factory=set)


async def publish_missing(database: Database, service: str, source: Source, *, dry_run: bool = False) -> list[Again]:
    """Publish every event again that the handler has not handled. Returns which; `dry_run` publishes none of them.

    Also those that are still in the queue, so call it when the queue is empty or lost, or else accept that they come
    twice. A dead letter gets one more attempt.
    """
    after, found = 0, list[Again]()
    while True:
        async with database.transaction(service) as session:
            page = await source.list_sent(session, _since(), after, PAGE)
            if not page:
                return found
            handled = await inbox.handled(session, source.queue, [one.event_id for one in page])
            missing = [one for one in page if one.event_id not in handled]
            found += (await _publish(session, source, missing, dry_run=dry_run))[0]
        after = page[-1].position


async def watch(database: Database, service: str, sources: Sequence[Source], bus: Bus, every_s: float) -> None:
    """Publish missing events until cancelled: at once all of a restored database, then those that were lost.

    A consumer whose inbox this role may not read, or which is not migrated yet, is left out, with a line in the log.
    """
    watches = [(source, Watch()) for source in sources]
    unreadable, restored = set[str](), set[tuple[str, str]]()
    while True:
        await _after_restore(database, service, sources, restored)
        for source, state in watches:
            # Counted first: what the queue hands out after this moment is not lost.
            is_queue_empty = await _is_empty(bus, source.queue)
            try:
                async with database.transaction(service) as session:
                    await publish_lost(session, source, state, every_s, is_queue_empty=is_queue_empty)
            except sa.exc.DBAPIError as error:
                if not _is_unreadable(error):
                    raise
                if source.queue.name not in unreadable:
                    log.error("inbox_unreadable", queue=source.queue.name, remedy="migrate its service; grant SELECT")
                unreadable.add(source.queue.name)
        await asyncio.sleep(every_s)


async def _is_empty(bus: Bus, queue: Queue) -> bool:
    """Whether no event waits in the queue; False if nobody knows."""
    try:
        return await bus.count_ready(queue) == 0
    except Exception as error:  # of the broker: all that can be compared without it is compared
        log.warning("queue_not_counted", queue=queue.name, reason=str(error))
        return False


async def _after_restore(
    database: Database, service: str, sources: Sequence[Source], done: set[tuple[str, str]]
) -> None:
    """Publish everything that is missing, once. Noted in the database when it is `done` for all sources."""
    async with database.transaction(service) as session:
        identity = await restore.lock_if_restored(session)
        if identity is None:
            return
        waiting = [source for source in sources if (identity, source.queue.name) not in done]
        for source in waiting:
            try:
                again = await publish_missing(database, service, source)
            except sa.exc.DBAPIError as error:
                if not _is_unreadable(error):
                    raise
                continue
            done.add((identity, source.queue.name))
            if again:
                log.warning("events_published_after_restore", queue=source.queue.name, events=len(again))
        if all((identity, source.queue.name) in done for source in sources):
            await restore.set_identity(session, identity)


def _is_unreadable(error: sa.exc.DBAPIError) -> bool:
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(cause, asyncpg.InsufficientPrivilegeError | asyncpg.UndefinedTableError)


async def publish_lost(
    session: Session, source: Source, state: Watch, grace_s: float, *, is_queue_empty: bool = False
) -> int:
    """One pass over the events behind the last one up to which all have arrived. Returns how many were lost.

    What waits in a queue is not lost, however long. An event of an ordered source is lost when a later one was handled
    `grace_s` ago, another one when it was missing for that long; either is published once. One that is missing for
    LOST_AFTER_S while its queue is empty is lost as well; if it stays away, as while a binding is missing, it is lost
    again after twice as long, and so on: one that kills its handler does not do so every few minutes.
    """
    found = await _compare(session, source, state, datetime.now(UTC) - timedelta(seconds=grace_s))
    now_s = time.monotonic()
    state.missing_since_s = {one.event_id: state.missing_since_s.get(one.event_id, now_s) for one in found.missing}
    state.published = {one: state.published.get(one, 0) for one in state.missing_since_s}

    def is_lost(one: Sent) -> bool:
        missing_s = now_s - state.missing_since_s[one.event_id]
        times = state.published[one.event_id]
        if is_queue_empty and missing_s >= LOST_AFTER_S * 2**times:
            return True
        is_late = one.position < found.overtaken if source.is_ordered else missing_s >= grace_s
        return is_late and not times

    again, gone = await _publish(session, source, [one for one in found.missing if is_lost(one)])
    if again:
        log.warning("lost_events_published", queue=source.queue.name, events=len(again))
    if gone:
        log.error("lost_events_abandoned", queue=source.queue.name, events=len(gone), first=str(gone[0]))
    for one in again:
        state.published[one.event_id] += 1
        state.missing_since_s[one.event_id] = now_s
    state.abandoned = found.abandoned.union(gone)
    # Not beyond the last pass: a transaction with a lower position may commit last.
    if source.is_ordered:
        arrived = found.missing[0].position - 1 if found.missing else state.listed
        state.cursor, state.listed = min(arrived, state.listed), found.last
    return len(again)


@dataclass
class _Comparison:
    """The first missing events in order, those abandoned before, the last position of all, and of one handled."""

    missing: list[Sent]
    abandoned: set[UUID]
    last: int
    overtaken: int = 0


async def _compare(session: Session, source: Source, state: Watch, long_ago: datetime) -> _Comparison:
    """Page by page: the first pass of a process goes through a month."""
    found, after = _Comparison([], set(), state.listed), state.cursor
    while page := await source.list_sent(session, _since(), after, PAGE):
        ids = [one.event_id for one in page]
        handled = await inbox.received(session, source.queue, ids)
        found.abandoned |= state.abandoned.intersection(ids)
        missing = [one for one in page if one.event_id not in handled and one.event_id not in state.abandoned]
        found.missing += missing[: MISSING_AT_ONCE - len(found.missing)]
        done = (one.position for one in page if (at := handled.get(one.event_id)) and at <= long_ago)
        found.overtaken = max(done, default=found.overtaken)
        found.last = after = page[-1].position
        await asyncio.sleep(0)
    return found


async def _publish(
    session: Session, source: Source, sent: Sequence[Sent], *, dry_run: bool = False
) -> tuple[list[Again], list[UUID]]:
    """Put the events into the outbox, except those that still wait there. Returns which, and what cannot be built."""
    waiting = await outbox.waiting(session, [one.event_id for one in sent])
    left = [one for one in sent if one.event_id not in waiting]
    again, gone = list[Again](), list[UUID]()
    for start in range(0, len(left), EVENTS_AT_ONCE):
        part = left[start : start + EVENTS_AT_ONCE]
        events = await source.rebuild(session, part)
        if not dry_run:
            await outbox.emit_by_id(session, events)
        again += [Again(event_id, event.type, event.subject()) for event_id, event in events.items()]
        gone += [one.event_id for one in part if one.event_id not in events]
    return again, gone


def _since() -> datetime:
    """The fleet time from which events are compared; the fleet time of a demo runs faster than that of the inbox."""
    look_back_s = LOOK_BACK.total_seconds() * max(clock.speed(), 1)
    return datetime.fromtimestamp(max(clock.now_s() - look_back_s, 0), UTC)
