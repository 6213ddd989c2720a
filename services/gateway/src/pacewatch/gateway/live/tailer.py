"""Reads the latest events once per process for any number of streams, each of which reads them at its own pace."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live.schemas import LiveEvent
from pacewatch.kit.db import Database
from pacewatch.kit.module import Resources

CACHED_EVENTS: Final = 1_000
PAGE_SIZE: Final = 200
POLL_S: Final = 1.0


class Tailer:
    """Follows the table and caches its newest events. It stores nothing per stream, so a slow stream costs nothing."""

    def __init__(self, cached_events: int = CACHED_EVENTS) -> None:
        self._events: deque[LiveEvent] = deque()
        self._cached_events = cached_events
        # The cache holds every event after this number; None before the first read.
        self._cached_after: int | None = None
        self._epoch = ""
        # How often the numbers began again under this process; a stream of an earlier time ends.
        self.restarts = 0
        self._new_events = asyncio.Event()

    async def run(self, resources: Resources) -> None:
        """Follow the table until cancelled."""
        wakeup = resources.wakeups.subscribe(live_events.CHANNEL)
        while True:
            if await self.read_new(resources.database) < PAGE_SIZE:
                await wakeup.wait(POLL_S)

    async def read_new(self, database: Database) -> int:
        """Read new events, at most a page; returns how many."""
        async with database.transaction("gateway") as session:
            epoch, newest = await live_events.epoch(session), await live_events.newest_seq(session)
            if epoch != self._epoch or newest < self.newest_seq:
                self._start_over(epoch, newest)
            events = await live_events.list_after(session, self.newest_seq, PAGE_SIZE)
        if events:
            self._cache(events)
            self._wake_streams()
        return len(events)

    def _start_over(self, epoch: str, newest: int) -> None:
        """The first read, or a backup was restored under this process: what is cached is no part of it."""
        self.restarts += self._cached_after is not None
        self._epoch, self._cached_after = epoch, newest
        self._events.clear()
        self._wake_streams()

    def _wake_streams(self) -> None:
        new_events, self._new_events = self._new_events, asyncio.Event()
        new_events.set()

    def _cache(self, events: Sequence[LiveEvent]) -> None:
        self._events.extend(events)
        while len(self._events) > self._cached_events:
            self._cached_after = self._events.popleft().seq

    @property
    def newest_seq(self) -> int:
        """The number of the last event read."""
        return self._events[-1].seq if self._events else self._cached_after or 0

    @property
    def new_events(self) -> asyncio.Event:
        """Set at the next new event. Take it before you read, or you may miss an event in between."""
        return self._new_events

    async def read_after(self, seq: int, database: Database) -> Sequence[LiveEvent]:
        """The events after number `seq`, at most a page, from the table if the cache starts later than that."""
        if self._cached_after is not None and seq >= self._cached_after:
            unread = list(takewhile(lambda event: event.seq > seq, reversed(self._events)))
            return unread[::-1][:PAGE_SIZE]
        async with database.transaction("gateway") as session:
            return await live_events.list_after(session, seq, PAGE_SIZE)
