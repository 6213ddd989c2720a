"""Progress of a run: from the thread that trains, through a queue, in a small transaction per step."""

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
    """The begin of a stage, and the progress of the run in percent."""

    stage: str
    percent: int
    message: str = ""


ReportProgress = Callable[[Step], None]


class Reporter:
    """Accepts steps from any thread; `report_progress` gets each of them at once."""

    def __init__(self, report_progress: ReportProgress) -> None:
        self._loop = asyncio.get_running_loop()
        self._steps: asyncio.Queue[Step | None] = asyncio.Queue()
        self._report_progress = report_progress
        self._percent = 0

    def report_message(self, stage: str, message: str) -> None:
        """Report a message without progress; thread-safe."""
        self.report(Step(stage, self._percent, message))

    def report(self, step: Step) -> None:
        """Report `step`; thread-safe."""
        self._percent = step.percent
        self._report_progress(step)
        self._loop.call_soon_threadsafe(self._steps.put_nowait, step)

    async def write(self, database: Database, lease: Lease) -> None:
        """Commit each step with its event, until `stop` is called."""
        while (step := await self._steps.get()) is not None:
            async with database.transaction("trainer_agent") as session:
                event = TrainingProgressed(run_id=lease.run_id, **asdict(step))
                await repository.write(session, lease, **asdict(step))
                await emit(session, event)

    def stop(self) -> None:
        """Let `write` end once all reported steps are committed."""
        self._loop.call_soon_threadsafe(self._steps.put_nowait, None)


@asynccontextmanager
async def reporting(
    database: Database, lease: Lease, lease_s: float, report_progress: ReportProgress
) -> AsyncIterator[Reporter]:
    """A reporter whose steps are committed when the block ends; during the block the lease is renewed.

    LeaseLost, inside an ExceptionGroup, ends the block if another worker has the run.
    """
    reporter = Reporter(report_progress)
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(reporter.write(database, lease))
        renewing = group.create_task(_renew_lease(database, lease, lease_s))
        try:
            yield reporter
            reporter.stop()
            await writing
        finally:
            renewing.cancel()
            writing.cancel()


async def _renew_lease(database: Database, lease: Lease, lease_s: float) -> None:
    while True:
        await asyncio.sleep(lease_s / 4)
        async with database.transaction("trainer_agent") as session:
            await repository.renew(session, lease, lease_s)
