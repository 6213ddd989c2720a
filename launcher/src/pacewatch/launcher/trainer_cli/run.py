"""Carries out one training run in this process, with a progress bar, and stops at once on a signal."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from rich.console import Console

from pacewatch.kit.db import Database
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.messaging.relay import Relay
from pacewatch.kit.settings import KitSettings
from pacewatch.kit.wakeup import Wakeups
from pacewatch.launcher.runtime.modules import queues
from pacewatch.launcher.trainer_cli.output import progress_bar
from pacewatch.trainer_agent.runs import run_once
from pacewatch.trainer_agent.runs.run import Result
from pacewatch.trainer_agent.settings import TrainerSettings

INTERRUPTED = 130  # the exit code that shells use for Ctrl-C


async def run_interruptibly(
    kit: KitSettings, own: TrainerSettings, run_id: UUID, reason: str, parameters: dict[str, Any]
) -> Result:
    """Carry out the run. SIGINT or SIGTERM releases the run's lease, so that it can be continued, and exits."""
    running = asyncio.create_task(_run(kit, own, run_id, reason, parameters))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"interrupted; continue it with `trainer-agent run --run-id {run_id}`", markup=False)
        os._exit(INTERRUPTED)  # at once: a thread that still trains would keep the process alive


async def _run(kit: KitSettings, own: TrainerSettings, run_id: UUID, reason: str, parameters: dict[str, Any]) -> Result:
    database = Database(kit.database_url_of("trainer_agent"), pool_size=3)
    try:
        with progress_bar() as show_progress:
            async with _relay_running(database, kit):
                return await run_once.run(database, run_id, reason, parameters, kit, own, show_progress)
    finally:
        await database.close()


@asynccontextmanager
async def _relay_running(database: Database, kit: KitSettings) -> AsyncIterator[None]:
    """Publish the run's events while it runs, if a broker is set. Otherwise they wait in the outbox for any relay."""
    amqp_url = kit.amqp_url_of("trainer_agent")
    if not amqp_url:
        yield
        return
    bus = RabbitBus(amqp_url, queues(), prefix=kit.amqp_prefix, declares=not kit.accounts)
    relay = Relay(database, bus, "trainer_agent", Wakeups(database))
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        try:
            while await relay.flush_once():
                pass
        finally:
            await bus.close()
