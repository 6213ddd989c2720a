"""The worker: claims one run at a time by lease, starts a process for it and supervises that process."""

import asyncio
import os
import socket
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from pacewatch.contracts.training import TrainingFailed
from pacewatch.kit import logs
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.module import Resources
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.runs import repository, subprocess
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.settings import TrainerSettings

POLL_S: Final = 2.0
WATCH_S: Final = 1.0
TRY_LATER_S: Final = 10.0  # by attempt, so a lack of connections of half a minute does not end a run
EXIT_TIMEOUT_S: Final = 40.0  # after the end of a run its process cleans up, and copies the run to MLflow in up to 30 s

Result = TypeVar("Result")

log = logs.get(__name__)


async def work(resources: Resources, kit: KitSettings, own: TrainerSettings) -> None:
    """Carry out runs until cancelled."""
    wakeup = resources.wakeups.subscribe(repository.CHANNEL)
    while True:
        lease = await _shielded(claim_run(resources.database, own))
        if lease is None:
            await wakeup.wait(POLL_S)
        else:
            await supervise(resources.database, lease, kit, own)


def agent_name() -> str:
    """Host and process id, for the list of runs."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def claim_run(database: Database, own: TrainerSettings) -> Lease | None:
    """A lease of the next run, after failing the runs whose process died too often."""
    async with database.transaction("trainer_agent") as session:
        message = f"the training process died {own.max_attempts} times; see the trainer's log"
        for run_id, stage in await repository.fail_exhausted(session, own.max_attempts, message):
            await emit(session, TrainingFailed(run_id=run_id, stage=stage or "start", message=message))
        return await repository.claim(session, own.lease_s, agent_name())


async def supervise(database: Database, lease: Lease, kit: KitSettings, own: TrainerSettings) -> None:
    """Carry out the run in a process; its lease is released however the process ends."""
    process = await subprocess.start(lease, kit, own)
    log.info("training_started", run_id=str(lease.run_id), attempt=lease.attempt, process_id=process.pid)
    try:
        while process.returncode is None and await _shielded(_is_valid(database, lease)):
            try:
                async with asyncio.timeout(WATCH_S):
                    await process.wait()
            except TimeoutError:
                pass
        if process.returncode is None and await _shielded(_has_ended(database, lease)):
            with suppress(TimeoutError):
                async with asyncio.timeout(EXIT_TIMEOUT_S):
                    await process.wait()
        if process.returncode == subprocess.TRY_LATER:
            await asyncio.sleep(TRY_LATER_S * lease.attempt)
    finally:
        await _shielded(_stop_and_release(database, lease, process))


async def _stop_and_release(database: Database, lease: Lease, process: asyncio.subprocess.Process) -> None:
    """Stop the process; a run that it did not end can be claimed again at once."""
    await subprocess.stop(process)
    log.info("training_ended", run_id=str(lease.run_id), exit_code=process.returncode)
    async with database.transaction("trainer_agent") as session:
        await repository.release(session, lease)


async def _is_valid(database: Database, lease: Lease) -> bool:
    async with database.transaction("trainer_agent") as session:
        return await repository.is_valid(session, lease)


async def _has_ended(database: Database, lease: Lease) -> bool:
    async with database.transaction("trainer_agent") as session:
        return await repository.has_ended(session, lease)


async def _shielded(work: Coroutine[Any, Any, Result]) -> Result:
    """Finish short work even if we are cancelled meanwhile: a cancelled query would leak its connection."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
