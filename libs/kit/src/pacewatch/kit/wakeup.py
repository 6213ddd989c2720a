"""Wakeups by LISTEN/NOTIFY: a loop sleeps until PostgreSQL notifies it, or until its poll interval ends.

NOTIFY makes reactions fast; polling makes them certain, because a notification can be lost.
"""

import asyncio
from collections import defaultdict
from typing import Any
from weakref import WeakSet

import asyncpg

from pacewatch.kit.db import Database


class Wakeup:
    """What one loop waits on; a notification that arrives while nobody waits ends the next wait."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """End the current wait, or the next one."""
        self._notified.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when notified, or after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._notified.wait()
        except TimeoutError:
            pass
        self._notified.clear()


class Wakeups:
    """All wakeups of a process, served by one LISTEN connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Weak references: a loop that restarts subscribes again and drops its old wakeup.
        self._by_channel: defaultdict[str, WeakSet[Wakeup]] = defaultdict(WeakSet)
        self._changed = asyncio.Event()

    def subscribe(self, channel: str) -> Wakeup:
        """A wakeup for NOTIFY on `channel`; it works as long as the caller keeps a reference."""
        wakeup = Wakeup(channel)
        self._by_channel[channel].add(wakeup)
        self._changed.set()
        return wakeup

    def _on_notify(self, _connection: Any, _pid: int, channel: str, _payload: Any) -> None:
        self._notify(channel)

    def _notify(self, channel: str) -> None:
        for wakeup in self._by_channel[channel]:
            wakeup.notify()

    async def listen(self) -> None:
        """Keep the LISTEN connection until cancelled; raises when it is lost, so that the caller calls it again."""
        connection = await self._database.dedicated_connection()
        listening: set[str] = set()
        connection.add_termination_listener(lambda _connection: self._changed.set())
        try:
            while not connection.is_closed():
                self._changed.clear()
                for channel in set(self._by_channel) - listening:
                    await connection.add_listener(channel, self._on_notify)
                    listening.add(channel)
                    self._notify(channel)  # notifications sent before LISTEN are lost
                await self._changed.wait()
            raise ConnectionError("the LISTEN connection was closed")
        finally:
            await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await asyncio.shield(connection.close(timeout=2))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
