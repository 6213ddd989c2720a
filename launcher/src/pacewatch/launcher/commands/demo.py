"""Commands that show the whole loop on this machine: demo, replay-machine."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit import logs
from pacewatch.kit.errors import ConfigurationError, PacewatchError
from pacewatch.launcher.commands.options import MachineData, console

MailcatcherPort = Annotated[
    int,
    typer.Option(
        "--mailcatcher-port", "--inbox-port", envvar=["MAILCATCHER_PORT", "INBOX_PORT"], help="page of the caught mails"
    ),
]


def demo(
    port: Annotated[int, typer.Option(envvar="PORT", help="dashboard")] = 8080,
    mailcatcher_port: MailcatcherPort = 1080,
    profile: Annotated[str, typer.Option(envvar="PROFILE", help="pacemaker or machine")] = "pacemaker",
    data: MachineData = None,
    folder: Annotated[Path, typer.Option(envvar="DEMO_DIR", help="folder of all state")] = Path(".demo"),
    seconds_per_day: Annotated[float, typer.Option(envvar="SECONDS_PER_DAY", min=0.5)] = 10.0,
    training_every_days: Annotated[int, typer.Option(min=1, help="in days of fleet time")] = 7,
    history: Annotated[
        int | None, typer.Option(envvar="HISTORY", min=0, help="days; 0 begins empty; default: a year of pacemakers")
    ] = None,
) -> None:
    """Show the whole loop on this machine: history, first model, then a day every few seconds."""
    from pacewatch.launcher.demo.demo import run_demo  # noqa: PLC0415
    from pacewatch.launcher.demo.options import Options  # noqa: PLC0415
    from pacewatch.launcher.demo.state import WrongFolderError  # noqa: PLC0415
    from pacewatch.simulator.sources.replay import machine_folder  # noqa: PLC0415

    logs.configure("console", "WARNING")
    if data and profile != MACHINE.name:
        raise typer.BadParameter(f"DATA is the folder of recorded machines; the profile is {profile}")
    data = data or machine_folder()
    pace = (seconds_per_day, training_every_days)
    options = Options(folder.absolute(), port, mailcatcher_port, profile, data, *pace, history)
    try:
        asyncio.run(run_demo(options, Console()))
    except (ConfigurationError, WrongFolderError, PacewatchError, OSError, LookupError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def replay_machine(
    data: MachineData = None,
    folder: Annotated[Path | None, typer.Option(help="folder of all state; default: a temporary one")] = None,
) -> None:
    """Replay the recorded machines through the HTTP ingest. The last line is the result as JSON."""
    from pacewatch.launcher.demo.replay_machines import replay_machines  # noqa: PLC0415
    from pacewatch.simulator.sources.replay import machine_folder  # noqa: PLC0415

    logs.configure("console", "WARNING")
    with TemporaryDirectory(prefix="pacewatch-") as temporary:
        # If we are root, PostgreSQL runs as another user, who must be able to enter the folder.
        Path(temporary).chmod(0o711)
        result = asyncio.run(replay_machines(data or machine_folder(), folder or Path(temporary), console))
    typer.echo(json.dumps(result))
