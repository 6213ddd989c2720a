"""`pacewatch dead-letters`: list and redeliver."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from pacewatch.kit.settings import KitSettings, load

app = typer.Typer(no_args_is_help=True, help="List events that no handler could process, and redeliver them.")


@app.command("list")
def list_dead_letters(
    queue: Annotated[str, typer.Argument(help="e.g. inference.on_telemetry_accepted; default: all")] = "",
) -> None:
    """Show the dead letters of a queue, or of all queues."""
    from pacewatch.launcher.operations.dead_letters import print_dead_letters  # noqa: PLC0415

    asyncio.run(print_dead_letters(load(KitSettings), queue, Console()))


@app.command()
@app.command("replay", hidden=True)  # the name before `redeliver`
def redeliver(queue: Annotated[str, typer.Argument(help="e.g. inference.on_telemetry_accepted")]) -> None:
    """Send a queue's dead letters to its handler again, with failures reset. Fix the cause first."""
    from pacewatch.launcher.operations.dead_letters import redeliver as send_again  # noqa: PLC0415

    count = asyncio.run(send_again(load(KitSettings), queue))
    typer.echo(f"{count} event(s) redelivered")
