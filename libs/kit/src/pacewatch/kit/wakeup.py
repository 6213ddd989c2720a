"""NOTIFY wakes, polling guarantees: a loop sleeps until PostgreSQL says there is work, or a little while at most."""

import asyncio
from collections import defaultdict
from typing import Any
from weakref import WeakSet

import asyncpg

from pacewatch.kit.db import Database


class Wakeup:
    """Rung by NOTIFY on its channel; a ring while nobody waits is kept for the next wait."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Wake who waits, now or next."""
        self._notified.set()

    async def wait(self, timeout_s: float) -> None:
        """Return once rung, or after `timeout_s` without."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._notified.wait()
        except TimeoutError:
            pass
        self._notified.clear()


class Wakeups:
    """One LISTEN connection for a process; any number of wakeups."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Weakly: a loop that starts again asks for another wakeup.
        self._by_channel: defaultdict[str, WeakSet[Wakeup]] = defaultdict(WeakSet)
        self._changed = asyncio.Event()

    def subscribe(self, channel: str) -> Wakeup:
        """A wakeup on `channel`, for as long as its owner keeps it."""
        wakeup = Wakeup(channel)
        self._by_channel[channel].add(wakeup)
        self._changed.set()
        return wakeup

    def _heard(self, _connection: Any, _pid: int, channel: str, _payload: Any) -> None:
        self._notify(channel)

    def _notify(self, channel: str) -> None:
        for wakeup in self._by_channel[channel]:
            wakeup.notify()

    async def listen(self) -> None:
        """Keep the LISTEN connection until cancelled; raises when it is lost, to be called again."""
        connection = await self._database.dedicated_connection()
        listening: set[str] = set()
        connection.add_termination_listener(lambda _connection: self._changed.set())
        try:
            while not connection.is_closed():
                self._changed.clear()
                for channel in set(self._by_channel) - listening:
                    await connection.add_listener(channel, self._heard)
                    listening.add(channel)
                    self._notify(channel)  # whatever was told while nobody listened
                await self._changed.wait()
            raise ConnectionError("the LISTEN connection is gone")
        finally:
            await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await asyncio.shield(connection.close(timeout=2))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
