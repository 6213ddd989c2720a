"""NOTIFY wakes, polling guarantees: a loop sleeps until PostgreSQL says there is work, or a little while at most."""

import asyncio
from collections import defaultdict
from typing import Any

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
        self._bells: defaultdict[str, list[Bell]] = defaultdict(list)
        self._changed = asyncio.Event()

    def bell(self, channel: str) -> Bell:
        """A bell on `channel`, for as long as this process lives."""
        bell = Bell(channel)
        self._bells[channel].append(bell)
        self._changed.set()
        return bell

    def _ring(self, _connection: Any, _pid: int, channel: str, _payload: Any) -> None:
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
                    await connection.add_listener(channel, self._ring)
                    listening.add(channel)
                await self._changed.wait()
            raise ConnectionError("the LISTEN connection is gone")
        finally:
            await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    try:
        await asyncio.shield(connection.close(timeout=2))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
