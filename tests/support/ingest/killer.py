"""`kill -9` of ingest and its relay, at random moments from a seed and at the most critical moments."""

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

_WAITING_RELAYS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM ingest.outbox%'
"""


@dataclass
class Killer:
    """Kills processes while the work progresses, and restarts them at once; `killed` counts kills by moment."""

    processes: Sequence[Process]
    dsn: str
    rng: random.Random
    progress: Callable[[], float]
    killed: Counter[str] = field(default_factory=Counter)
    _may_continue: asyncio.Event = field(default_factory=asyncio.Event)
    _due: float = 0

    async def run(self) -> None:
        """Kill at every kind of moment at least once, spread over the work."""
        moments = [*[self._at_random] * 3, self._committed_before_answer, self._published_before_delete]
        self.rng.shuffle(moments)
        for number, moment in enumerate(moments):
            self._due = (number + self.rng.random()) / len(moments) * 0.9
            self._may_continue.set()
            await until(self._is_due, every_s=0.01)
            victims = await moment()
            self.killed[moment.__name__.removeprefix("_").replace("_", " ")] += len(victims)
            self._may_continue.clear()
            await asyncio.gather(*(victim.start() for victim in victims))
            await asyncio.gather(*(victim.ready() for victim in victims))
        self._may_continue.set()

    async def hold_back(self) -> None:
        """Wait during a slow restart, so that some work is left for the next kill."""
        if self.progress() > self._due:
            await self._may_continue.wait()

    async def _is_due(self) -> bool:
        return self.progress() >= self._due

    async def _at_random(self) -> Sequence[Process]:
        await asyncio.sleep(self.rng.uniform(0, 0.2))
        return await self._kill([self.rng.choice(self.processes)])

    async def _published_before_delete(self) -> Sequence[Process]:
        """Kill while a lock stops relays from deleting confirmed events, and batches from committing theirs."""
        async with asyncio.timeout(60), self._connection() as connection:
            while True:
                async with connection.transaction():
                    await connection.execute("LOCK TABLE ingest.outbox IN SHARE MODE")
                    if await self._relay_is_waiting(connection):
                        return await self._kill(self.processes)

    async def _relay_is_waiting(self, connection: asyncpg.Connection) -> bool:
        for _ in range(100):
            if await connection.fetchval(_WAITING_RELAYS):
                return True
            await asyncio.sleep(0.01)
        return False

    async def _committed_before_answer(self) -> Sequence[Process]:
        """PostgreSQL notifies of a commit when it confirms it to the process, which has yet to answer the client."""
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
