"""How a run tells where it is: from the thread that trains, through a queue, in small transactions of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from pacewatch.contracts.training import TrainingProgressed
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.outbox import emit
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.repository import Lease


@dataclass(frozen=True, slots=True)
class Step:
    """A stage begins, this far along."""

    stage: str
    percent: int
    message: str = ""


ReportProgress = Callable[[Step], None]


class Reporter:
    """Takes steps from any thread."""

    def __init__(self, also: ReportProgress) -> None:
        self._loop = asyncio.get_running_loop()
        self._steps: asyncio.Queue[Step | None] = asyncio.Queue()
        self._also = also
        self._percent = 0

    def note(self, stage: str, message: str) -> None:
        """Report something that brings the run no further; safe to call from a thread."""
        self.tell(Step(stage, self._percent, message))

    def tell(self, step: Step) -> None:
        """Report `step`; safe to call from a thread."""
        self._percent = step.percent
        self._also(step)
        self._loop.call_soon_threadsafe(self._steps.put_nowait, step)

    async def write(self, database: Database, lease: Lease) -> None:
        """Commit each step with its event, until told to stop."""
        while (step := await self._steps.get()) is not None:
            async with database.transaction("trainer_agent") as session:
                event = TrainingProgressed(run_id=lease.run_id, **asdict(step))
                await repository.write(session, lease, **asdict(step))
                await emit(session, event)

    def stop(self) -> None:
        """Let `write` end once everything told so far is committed."""
        self._loop.call_soon_threadsafe(self._steps.put_nowait, None)


@asynccontextmanager
async def reporting(database: Database, lease: Lease, lease_s: float, also: ReportProgress) -> AsyncIterator[Reporter]:
    """A reporter whose steps are committed when the block ends, and a heartbeat meanwhile.

    LeaseLost, raised inside an ExceptionGroup, ends the block when somebody else has the run.
    """
    reporter = Reporter(also)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(reporter.write(database, lease))
        beating = group.create_task(_beat(database, lease, lease_s))
        try:
            yield reporter
            reporter.stop()
            await writing
        finally:
            beating.cancel()
            writing.cancel()


async def _beat(database: Database, lease: Lease, lease_s: float) -> None:
    while True:
        await asyncio.sleep(lease_s / 4)
        async with database.transaction("trainer_agent") as session:
            await repository.renew(session, lease, lease_s)
