"""`trainer-agent`: one training run as a step of a pipeline, or a worker that waits for runs."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.messaging.relay import Relay
from pacewatch.kit.settings import KitSettings, load
from pacewatch.kit.wakeup import Wakeups
from pacewatch.launcher import junit
from pacewatch.launcher.runtime.modules import queues
from pacewatch.launcher.runtime.serve import serve
from pacewatch.trainer_agent.runs import run_once
from pacewatch.trainer_agent.runs.progress import Step, Tell
from pacewatch.trainer_agent.runs.run import Result
from pacewatch.trainer_agent.settings import TrainerSettings

app = typer.Typer(name="trainer-agent", help=__doc__, no_args_is_help=True, add_completion=False)
INTERRUPTED = 130  # what a shell says of Ctrl-C
_Value = TypeAdapter[Any](int | float | bool | None | str)

RunId = Annotated[UUID | None, typer.Option(help="the run to carry out; without it, a new one")]
Reason = Annotated[str, typer.Option(help="why, for whoever reads the list of runs")]
Params = Annotated[list[str] | None, typer.Option("--param", help="a hyperparameter, name=value; may be repeated")]
Summary = Annotated[Path | None, typer.Option("--junit", help="also write the stages to this file, as JUnit XML")]


@app.command()
def run(
    run_id: RunId = None, reason: Reason = "started by hand", param: Params = None, summary: Summary = None
) -> None:
    """Pull what is new, train, publish the candidate. Exit code 0 if there is one, 1 if not, 2 for wrong settings.

    Ctrl-C or SIGTERM interrupts it (130); the same --run-id then goes on from the last finished stage.
    """
    try:
        kit, own = load(KitSettings), load(TrainerSettings)
        parameters = dict(_parameter(text) for text in param or [])
    except (ConfigurationError, ValueError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None
    logs.configure(kit.log_format, "WARNING")
    clock.apply_setting(kit.clock)
    result = asyncio.run(_interruptible(kit, own, run_id or uuid4(), reason, parameters))
    _summarise(result)
    if summary:
        junit.write(summary, result)
    raise typer.Exit(0 if result.version else 1)


@app.command()
def listen() -> None:
    """Wait for training to be requested: the same as `pacewatch serve --target trainer-agent`."""
    try:
        serve("trainer-agent", load(KitSettings))
    except ConfigurationError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        raise typer.Exit(2) from None


async def _interruptible(
    kit: KitSettings, own: TrainerSettings, run_id: UUID, reason: str, parameters: dict[str, Any]
) -> Result:
    """Carry it out; a signal gives the run back, for whoever takes it up again, and ends the process."""
    working = asyncio.create_task(_run(kit, own, run_id, reason, parameters))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        return await working
    except asyncio.CancelledError:
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"interrupted; `trainer-agent run --run-id {run_id}` goes on from here", markup=False)
        os._exit(INTERRUPTED)  # at once: a thread that still trains would keep the process alive


async def _run(kit: KitSettings, own: TrainerSettings, run_id: UUID, reason: str, parameters: dict[str, Any]) -> Result:
    database = Database(kit.database_url.get_secret_value(), pool_size=3)
    try:
        with _bar() as bar:
            task = bar.add_task("start", total=100)
            async with _relaying(database, kit):
                return await run_once.run(database, run_id, reason, parameters, kit, own, _into(bar, task))
    finally:
        await database.close()


@asynccontextmanager
async def _relaying(database: Database, kit: KitSettings) -> AsyncIterator[None]:
    """Publish the run's events as they come, if a broker is named; otherwise they wait for any relay there is."""
    amqp_url = kit.amqp_url.get_secret_value()
    if not amqp_url:
        yield
        return
    bus = RabbitBus(amqp_url, queues(), prefix=kit.amqp_prefix)
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


def _parameter(text: str) -> tuple[str, Any]:
    """("n_estimators", 200) from "n_estimators=200"; what is no number, true, false or null is text."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError(f"--param {text!r}: give a name and a value, as in n_estimators=200")
    try:
        return name, _Value.validate_json(value)
    except ValidationError:
        return name, value


def _bar() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def _into(bar: Progress, task: Any) -> Tell:
    def tell(step: Step) -> None:
        bar.update(task, completed=step.percent, description=f"{step.stage} {step.message}".strip())

    return tell


def _summarise(result: Result) -> None:
    console = Console()
    if result.version is None:
        console.print(f"run {result.run_id} failed at {result.stage}: {result.message}", style="red", markup=False)
        return
    figures = result.metrics
    shown = ("algorithm", "roc_auc", "pr_auc", "failures_caught", "alerts_per_100_device_months", "f1", "oob_score")
    console.print(f"run {result.run_id}: model {result.version}", markup=False)
    for name in shown:
        value = figures.get(name)
        console.print(f"  {name}: {f'{value:.4g}' if isinstance(value, float) else value}", markup=False)
    console.print(f"  seconds: {', '.join(f'{k} {v:.1f}' for k, v in result.durations_s.items())}", markup=False)
