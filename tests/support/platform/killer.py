"""`kill -9` of ingest and its relay, at moments that a seed chooses and at those where most can go wrong."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from pacewatch.kit.messaging import tables
from support.platform.processes import Process
from support.waiting import until

_RELAYS_WAIT = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM ingest.outbox%'
"""


@dataclass
class Killer:
    """Kills processes when a part of the work is done, and restarts them at once. `killed` counts kills by moment."""

    processes: Sequence[Process]
    dsn: str
    chance: random.Random
    progress: Callable[[], float]
    killed: Counter[str] = field(default_factory=Counter)
    _all_running: asyncio.Event = field(default_factory=asyncio.Event)
    _due: float = 0

    async def run(self) -> None:
        """Kill at every kind of moment, spread over the work."""
        moments = [*[self._at_random] * 3, self._committed_and_unanswered, self._published_and_unmarked]
        self.chance.shuffle(moments)
        for number, moment in enumerate(moments):
            self._due = (number + self.chance.random()) / len(moments) * 0.9
            self._all_running.set()
            await until(self._is_due, every_s=0.01)
            victims = await moment()
            self.killed[moment.__name__.removeprefix("_").replace("_", " ")] += len(victims)
            self._all_running.clear()
            await asyncio.gather(*(victim.start() for victim in victims))
            await asyncio.gather(*(victim.ready() for victim in victims))
        self._all_running.set()

    async def pause(self) -> None:
        """Hold work back while a restart is slow, so that some is left for the next kill."""
        if self.progress() > self._due:
            await self._all_running.wait()

    async def _is_due(self) -> bool:
        return self.progress() >= self._due

    async def _at_random(self) -> Sequence[Process]:
        await asyncio.sleep(self.chance.uniform(0, 0.2))
        return await self._kill([self.chance.choice(self.processes)])

    async def _published_and_unmarked(self) -> Sequence[Process]:
        """The broker has confirmed an event. The lock keeps the relay from deleting it and batches from committing."""
        async with asyncio.timeout(60), self._connection() as connection:
            while True:
                async with connection.transaction():
                    await connection.execute("LOCK TABLE ingest.outbox IN SHARE MODE")
                    if await self._does_relay_wait(connection):
                        return await self._kill(self.processes)

    async def _does_relay_wait(self, connection: asyncpg.Connection) -> bool:
        for _ in range(100):
            if await connection.fetchval(_RELAYS_WAIT):
                return True
            await asyncio.sleep(0.01)
        return False

    async def _committed_and_unanswered(self) -> Sequence[Process]:
        """PostgreSQL notifies us of the commit when it answers the process, before that answers the client."""
        committed = asyncio.Event()
        async with asyncio.timeout(60), self._connection() as connection:
            await connection.add_listener(tables.channel("ingest"), lambda *_: committed.set())
            await committed.wait()
            return await self._kill(self.processes)

    async def _kill(self, victims: Sequence[Process]) -> Sequence[Process]:
        await asyncio.gather(*(victim.kill() for victim in victims))
        return victims

    @asynccontextmanager
    async def _connection(self):
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()
