"""One reader of the latest events per process, however many people watch: each walks its memory at their own pace."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.schemas import LiveEvent
from pacewatch.kit.db import Database
from pacewatch.kit.module import Resources

REMEMBERED: Final = 1_000
AT_ONCE: Final = 200
POLL_S: Final = 1.0


class Tailer:
    """Follows the table and remembers its end. Nothing is kept per watcher, so a slow one costs nothing."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._events: deque[LiveEvent] = deque()
        self._remembered = remembered
        # Everything after this number, up to the newest, is in memory.
        self._floor: int | None = None
        self._news = asyncio.Event()

    async def run(self, resources: Resources) -> None:
        """Follow until cancelled."""
        wakeup = resources.wakeups.subscribe(live_events.CHANNEL)
        while True:
            if await self.follow(resources.database) < AT_ONCE:
                await wakeup.wait(POLL_S)

    async def follow(self, database: Database) -> int:
        """Read what is new, a page at most; returns how much that was."""
        async with database.transaction("gateway") as session:
            if self._floor is None:
                self._floor = await live_events.newest(session)
            events = await live_events.after(session, self.newest, AT_ONCE)
        if events:
            self._remember(events)
            news, self._news = self._news, asyncio.Event()
            news.set()
        return len(events)

    def _remember(self, events: Sequence[LiveEvent]) -> None:
        self._events.extend(events)
        while len(self._events) > self._remembered:
            self._floor = self._events.popleft().seq

    @property
    def newest(self) -> int:
        """The last number read."""
        return self._events[-1].seq if self._events else self._floor or 0

    @property
    def news(self) -> asyncio.Event:
        """Set when something comes after this moment; take it before you look."""
        return self._news

    async def after(self, seq: int, database: Database) -> Sequence[LiveEvent]:
        """What came after `seq`, a page at most: from memory, or from the table for those far behind."""
        if self._floor is not None and seq >= self._floor:
            missed = list(takewhile(lambda event: event.seq > seq, reversed(self._events)))
            return missed[::-1][:AT_ONCE]
        async with database.transaction("gateway") as session:
            return await live_events.after(session, seq, AT_ONCE)
