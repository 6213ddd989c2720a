"""`trainer-agent`: one training run as a step of a pipeline, or a worker that waits for runs."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID, uuid4

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from pacewatch.kit import clock, logs
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.runtime.serve import serve
from pacewatch.launcher.trainer_cli import junit
from pacewatch.launcher.trainer_cli.output import print_result
from pacewatch.launcher.trainer_cli.run import run_interruptibly
from pacewatch.trainer_agent.settings import TrainerSettings

app = typer.Typer(name="trainer-agent", help=__doc__, no_args_is_help=True, add_completion=False)
_Value = TypeAdapter[Any](int | float | bool | None | str)

RunId = Annotated[UUID | None, typer.Option(help="the run to carry out; default: a new one")]
Reason = Annotated[str, typer.Option(help="why, for the list of runs")]
Params = Annotated[list[str] | None, typer.Option("--param", help="a hyperparameter, name=value; may be repeated")]
Summary = Annotated[Path | None, typer.Option("--junit", help="also write the stages to this file, as JUnit XML")]


@app.command()
def run(
    run_id: RunId = None, reason: Reason = "started by hand", param: Params = None, summary: Summary = None
) -> None:
    """Pull new readings, train, publish the candidate. Exit code 0 with a candidate, 1 without, 2 for wrong settings.

    Ctrl-C or SIGTERM interrupts it (exit code 130). The same --run-id then continues after the last finished stage.
    """
    try:
        kit, own = load(KitSettings), load(TrainerSettings)
        parameters = dict(_parameter(text) for text in param or [])
    except (ConfigurationError, ValueError) as error:
        _exit_with_settings_error(error)
    logs.configure(kit.log_format, "WARNING")
    clock.apply_setting(kit.clock)
    result = asyncio.run(run_interruptibly(kit, own, run_id or uuid4(), reason, parameters))
    print_result(result)
    if summary:
        junit.write(summary, result)
    raise typer.Exit(0 if result.version else 1)


@app.command()
def listen() -> None:
    """Wait for training requests: the same as `pacewatch serve --target trainer-agent`."""
    try:
        serve("trainer-agent", load(KitSettings))
    except ConfigurationError as error:
        _exit_with_settings_error(error)


def _exit_with_settings_error(error: Exception) -> NoReturn:
    Console(stderr=True).print(str(error), style="red", markup=False)
    raise typer.Exit(2) from None


def _parameter(text: str) -> tuple[str, Any]:
    """("n_estimators", 200) from "n_estimators=200". A value that is no number, true, false or null is text."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError(f"--param {text!r}: give a name and a value, as in n_estimators=200")
    try:
        return name, _Value.validate_json(value)
    except ValidationError:
        return name, value
