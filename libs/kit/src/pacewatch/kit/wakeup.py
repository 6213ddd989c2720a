"""NOTIFY wakes, polling guarantees: a loop sleeps until PostgreSQL says there is work, or a little while at most."""

import asyncio
from collections import defaultdict
from typing import Any
from weakref import WeakSet

import asyncpg

from pacewatch.kit.db import Database


class Bell:
    """Rung by NOTIFY on its channel; a ring while nobody waits is kept for the next wait."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, now or next."""
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        """Return once rung, or after `timeout_s` without."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


class Wakeups:
    """One LISTEN connection for a process; any number of bells."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Weakly: a loop that starts again asks for another bell.
        self._bells: defaultdict[str, WeakSet[Bell]] = defaultdict(WeakSet)
        self._changed = asyncio.Event()

    def bell(self, channel: str) -> Bell:
        """A bell on `channel`, for as long as its owner keeps it."""
        bell = Bell(channel)
        self._bells[channel].add(bell)
        self._changed.set()
        return bell

    def _heard(self, _connection: Any, _pid: int, channel: str, _payload: Any) -> None:
        self._ring(channel)

    def _ring(self, channel: str) -> None:
        for bell in self._bells[channel]:
            bell.ring()

    async def listen(self) -> None:
        """Keep the LISTEN connection until cancelled; raises when it is lost, to be called again."""
        connection = await self._database.dsn_connection()
        listening: set[str] = set()
        connection.add_termination_listener(lambda _connection: self._changed.set())
        try:
            while not connection.is_closed():
                self._changed.clear()
                for channel in set(self._bells) - listening:
                    await connection.add_listener(channel, self._heard)
                    listening.add(channel)
                    self._ring(channel)  # whatever was told while nobody listened
                await self._changed.wait()
            raise ConnectionError("the LISTEN connection is gone")
        finally:
            await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await asyncio.shield(connection.close(timeout=2))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
