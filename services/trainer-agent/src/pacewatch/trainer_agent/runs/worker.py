"""The worker: takes up one run at a time by lease, has a process of its own carry it out, and watches that."""

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
FAREWELL_S: Final = 40.0  # a run that has ended tidies up and is copied to MLflow, which may take its half minute

Result = TypeVar("Result")

log = logs.get(__name__)


async def work(resources: Resources, kit: KitSettings, own: TrainerSettings) -> None:
    """Carry out runs until cancelled."""
    wakeup = resources.wakeups.subscribe(repository.CHANNEL)
    while True:
        lease = await _undisturbed(claim_run(resources.database, own))
        if lease is None:
            await wakeup.wait(POLL_S)
        else:
            await watch(resources.database, lease, kit, own)


def agent_name() -> str:
    """Who we are, for whoever asks who holds a run."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def claim_run(database: Database, own: TrainerSettings) -> Lease | None:
    """A lease of the next run, after ending those that died too often."""
    async with database.transaction("trainer_agent") as session:
        message = f"the training process died {own.max_attempts} times; see the trainer's log"
        for run_id, stage in await repository.fail_exhausted(session, own.max_attempts, message):
            await emit(session, TrainingFailed(run_id=run_id, stage=stage or "start", message=message))
        return await repository.claim(session, own.lease_s, agent_name())


async def watch(database: Database, lease: Lease, kit: KitSettings, own: TrainerSettings) -> None:
    """Have the run carried out; whatever becomes of the process, the run is not left hanging."""
    process = await subprocess.start(lease, kit, own)
    log.info("training_started", run_id=str(lease.run_id), attempt=lease.attempt, process_id=process.pid)
    try:
        while process.returncode is None and await _undisturbed(_is_ours(database, lease)):
            try:
                async with asyncio.timeout(WATCH_S):
                    await process.wait()
            except TimeoutError:
                pass
        if process.returncode is None and await _undisturbed(_has_ended(database, lease)):
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await process.wait()
    finally:
        await _undisturbed(_let_go(database, lease, process))


async def _let_go(database: Database, lease: Lease, process: asyncio.subprocess.Process) -> None:
    """End the process unless it is just ending; a run it left open can be taken up at once."""
    await subprocess.end(process)
    log.info("training_ended", run_id=str(lease.run_id), exit_code=process.returncode)
    async with database.transaction("trainer_agent") as session:
        await repository.release(session, lease)


async def _is_ours(database: Database, lease: Lease) -> bool:
    async with database.transaction("trainer_agent") as session:
        return await repository.is_ours(session, lease)


async def _has_ended(database: Database, lease: Lease) -> bool:
    async with database.transaction("trainer_agent") as session:
        return await repository.has_ended(session, lease)


async def _undisturbed(work: Coroutine[Any, Any, Result]) -> Result:
    """Carry short work to its end even when we are cancelled meanwhile: half of it would leak a connection."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
