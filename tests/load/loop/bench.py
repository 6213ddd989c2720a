"""The platform as processes, with a database and queues of its own, a trained model, and a fleet clock to set."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import asyncpg
from load.deployment import deploy
from servers.mail import MailServer
from support.fleets import give_history
from support.platform.processes import SERVICES, Platform, Process, create_platform, free_port
from support.waiting import until

from pacewatch.kit.clock import Pace

TRAINING_TIMEOUT_S = 300
START_TRIES = 3
# In life labels are settled once a day. Here a day may last less than a second, and they would be settled all the time.
LABELS_EVERY_H = 8_784
LOOK_AFTER_PROCESSES_EVERY_S = 0.5
_SCORED = re.compile(r'^pacewatch_scored_rows_total\{reason="live"\} (\S+)$', re.MULTILINE)
Result = TypeVar("Result")
_BEGAN_S = time.monotonic()


class BenchmarkError(Exception):
    """The benchmark cannot go on; the message says why."""


@dataclass
class Bench:
    """What every measurement needs; `start_s` is how long the services took to start, seconds."""

    platform: Platform
    mail: MailServer
    connection: asyncpg.Connection
    folder: Path
    database: str
    start_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start every service."""
        began_s = time.monotonic()
        await asyncio.gather(*(self._start(process) for process in self.platform.processes.values()))
        self.start_s = time.monotonic() - began_s

    async def restart(self, fleet_s: float, speed: float) -> float:
        """Start the services again under a fleet clock; the moment at which it will be at `fleet_s`, Unix seconds.

        The moment is in the future, unless the clock stands still (a `speed` of 0). Fleet time is a setting that a
        process reads when it starts.
        """
        for attempt in range(START_TRIES):
            await asyncio.gather(*(process.stop() for process in self.platform.processes.values()))
            moment_s = time.time() + (1.5 * self.start_s + 2) * 2**attempt
            for process in self.platform.processes.values():
                process.environment["PACEWATCH_CLOCK"] = str(Pace(moment_s, fleet_s, speed))
            await self.start()
            if not speed or time.time() < moment_s:
                return moment_s
            say(f"  the services needed {self.start_s:.0f} s to start, more than was planned for: once more")
        raise BenchmarkError(f"the services were not ready within {2**START_TRIES * self.start_s:.0f} s")

    async def _start(self, process: Process) -> None:
        """Start one service: on another port if its own was taken meanwhile, patiently on a busy machine."""
        failure = ""
        for _ in range(START_TRIES):
            if not process.is_running:
                process.port, operations_port = free_port(), free_port()
                process.environment["PACEWATCH_OPERATIONS_PORT"] = str(operations_port)
                await process.start()
            try:
                return await process.ready()
            except AssertionError as error:
                failure = str(error)
                if "address already in use" not in failure:
                    break
            except TimeoutError:
                failure = (
                    f"{process.name} was not ready in time; the end of its log:\n{process.log.read_text()[-1_000:]}"
                )
        raise BenchmarkError(f"a service did not start: {failure}")

    async def guard(self, work: Awaitable[Result]) -> Result:
        """The result of `work`; BenchmarkError as soon as a service ends meanwhile."""
        working = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait([working], timeout=LOOK_AFTER_PROCESSES_EVERY_S))[0]:
                self.check_processes()
            return working.result()
        except Exception:
            await asyncio.sleep(LOOK_AFTER_PROCESSES_EVERY_S)  # what failed may have failed because a service is ending
            self.check_processes()
            raise
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def check_processes(self) -> None:
        """BenchmarkError if a service has ended."""
        for name, process in self.platform.processes.items():
            if not process.is_running:
                raise BenchmarkError(f"{name} has ended; the end of its log:\n{process.log.read_text()[-3_000:]}")

    async def scored_rows(self) -> int:
        """Live readings that inference has scored since it started."""
        port = self.platform.processes["inference"].environment["PACEWATCH_OPERATIONS_PORT"]
        text = (await self.platform.client.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text
        found = _SCORED.search(text)
        return int(float(found[1])) if found else 0

    async def published(self) -> bool:
        """Whether the broker has confirmed every event of ingest."""
        return await self.connection.fetchval("SELECT NOT EXISTS (SELECT FROM ingest.outbox)")

    async def quiet(self) -> None:
        """Wait until inference has taken in and scored everything that was accepted."""
        query = "SELECT (SELECT count(*) FROM inference.readings), (SELECT count(*) FROM inference.predictions)"
        last = None
        while (now := await self.connection.fetchrow(query)) != last:
            last = now
            await asyncio.sleep(1)


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    """Every service as a process; at the end the database and the queues are removed."""
    async with AsyncExitStack() as stack:
        mail = MailServer()
        await mail.start()
        stack.push_async_callback(mail.stop)
        own = await deploy(stack, mail.port, PACEWATCH_INGEST_MATURE_EVERY_H=str(LABELS_EVERY_H))
        platform = create_platform(own.settings, own.folder, SERVICES)
        stack.push_async_callback(platform.stop)
        connection = await asyncpg.connect(own.dsn)
        stack.push_async_callback(connection.close)
        bench = Bench(platform, mail, connection, own.folder, own.database_url.rsplit("/", 1)[1])
        await bench.start()
        yield bench


async def train(bench: Bench) -> None:
    """A model that was trained on the outcomes of a simulated past, signed and promoted as ever."""
    platform = bench.platform
    await give_history(platform)
    (await platform.post("labels/mature")).raise_for_status()
    (await platform.post("training-runs", {"reason": "bench"})).raise_for_status()

    async def promoted() -> bool:
        return (await platform.get("models/active")).is_success

    await until(promoted, timeout_s=TRAINING_TIMEOUT_S, every_s=0.5)


def say(line: str) -> None:
    """Beside the result, not in it; with the time since the benchmark began."""
    sys.stderr.write(f"{time.monotonic() - _BEGAN_S:5.0f} s  {line}\n")
