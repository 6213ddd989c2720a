"""The command line: everything an engineer does with Pacewatch that is not done in the dashboard."""

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pacewatch.contracts.telemetry import Mode
from pacewatch.contracts.version import VERSION
from pacewatch.kit import keys, logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError, PacewatchError
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.contract_files import generate as generated
from pacewatch.launcher.operations import doctor as examination
from pacewatch.launcher.runtime import migrate as migration
from pacewatch.launcher.runtime import start_state
from pacewatch.launcher.runtime.modules import TARGETS

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
letters = typer.Typer(no_args_is_help=True, help="Look at events that no handler could digest, and send them again.")
app.add_typer(letters, name="dead-letters")
console = Console(stderr=True)

Url = Annotated[str, typer.Option(envvar="PACEWATCH_PUBLIC_URL", help="the platform")]
Email = Annotated[
    str, typer.Option(envvar="PACEWATCH_EMAIL", help="sign in with PACEWATCH_PASSWORD instead of PACEWATCH_TOKEN")
]
MachineData = Annotated[
    Path | None, typer.Option(envvar="DATA", help="folder of recorded machines; default: the ones of the checkout")
]
Target = Annotated[str, typer.Option(help=f"all, or one of: {', '.join(TARGETS)}")]


def main() -> None:
    """Run the command line; what is wrong with the settings is told without a traceback."""
    try:
        app()
    except ConfigurationError as error:
        console.print(f"[red]The settings are not complete:[/red]\n{error}", highlight=False)
        sys.exit(2)
    except (PacewatchError, FileNotFoundError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pacewatch {VERSION}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show the version and exit")
    ] = False,
) -> None:
    """Options of `pacewatch` itself, before the name of a command."""


@app.command()
def serve(
    target: Target = "all",
    check_config: Annotated[bool, typer.Option("--check-config", help="only check the settings")] = False,
) -> None:
    """Run one service, or all of them in one process, until Ctrl-C.

    Settings are environment variables; .env.example lists every one of them.
    """
    from pacewatch.launcher.runtime import serve as serving  # noqa: PLC0415 - the other commands start faster without it

    settings = load(KitSettings)
    if check_config:
        serving.prepare(target, settings)
        start_state.wanted(settings)
        console.print("The settings are complete.")
        return
    serving.serve(target, settings)


@app.command()
def migrate(target: Target = "all") -> None:
    """Create or update the PostgreSQL schemas of the services. Running it again changes nothing."""
    settings = load(KitSettings)
    logs.configure(settings.log_format, settings.log_level)

    async def run() -> None:
        database = Database(settings.database_url.get_secret_value())
        try:
            await migration.migrate_all(database, settings.profile, target)
        finally:
            await database.close()

    asyncio.run(run())


@app.command()
def doctor() -> None:
    """Say what is missing on this machine and how to get it. Exit code 1 if anything is."""
    table = Table("", "what", "seen", "needed for", "what to do", box=None)
    findings = list(examination.examine())
    for one in findings:
        mark = "[green]ok[/green]" if one.ok else "[red]missing[/red]"
        table.add_row(mark, one.what, one.seen, one.needed_for, "" if one.ok else one.remedy)
    Console().print(table)
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


@app.command()
def demo(
    port: Annotated[int, typer.Option(envvar="PORT", help="dashboard")] = 8080,
    inbox_port: Annotated[int, typer.Option(envvar="INBOX_PORT", help="mail inbox")] = 1080,
    profile: Annotated[str, typer.Option(envvar="PROFILE", help="pacemaker or machine")] = "pacemaker",
    data: MachineData = None,
    folder: Annotated[Path, typer.Option(envvar="DEMO_DIR", help="where all state is kept")] = Path(".demo"),
    seconds_per_day: Annotated[float, typer.Option(envvar="SECONDS_PER_DAY", min=0.5)] = 6.0,
    training_every_days: Annotated[int, typer.Option(min=1, help="days of the fleet's clock")] = 14,
) -> None:
    """Show the whole loop on this machine: history, first model, then a day every few seconds."""
    from pacewatch.launcher.demo import demo as show  # noqa: PLC0415
    from pacewatch.simulator.sources.replay import machine_folder  # noqa: PLC0415

    logs.configure("console", "WARNING")
    data = data or machine_folder()
    options = show.Options(folder.absolute(), port, inbox_port, profile, data, seconds_per_day, training_every_days)
    try:
        asyncio.run(show.demo(options, Console()))
    except (show.WrongFolderError, PacewatchError, OSError, LookupError) as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from None


@app.command()
def replay_machine(
    data: MachineData = None,
    folder: Annotated[Path | None, typer.Option(help="where to keep the platform's state; default: nowhere")] = None,
) -> None:
    """Replay the recorded machines through the HTTP ingest; the last line is a JSON account of the result."""
    from pacewatch.launcher.demo.replay_machines import replay_machines  # noqa: PLC0415
    from pacewatch.simulator.sources.replay import machine_folder  # noqa: PLC0415

    logs.configure("console", "WARNING")
    with TemporaryDirectory(prefix="pacewatch-") as temporary:
        # PostgreSQL runs as somebody else where we are root, and must be able to pass through.
        Path(temporary).chmod(0o711)
        result = asyncio.run(replay_machines(data or machine_folder(), folder or Path(temporary), console))
    typer.echo(json.dumps(result))


@app.command()
def replay(
    as_of: Annotated[
        str, typer.Option(help="fleet time: Unix seconds, or a date as ISO 8601, without a zone in UTC; default: all")
    ] = "9999-12-31",
) -> None:
    """Compute every score stored up to a moment again, and compare; prints JSON, exit code 1 if one differs."""
    from pacewatch.launcher.operations.verify_scores import moment, replay_scores  # noqa: PLC0415

    try:
        until = moment(as_of)
    except (ValueError, OverflowError, OSError) as error:
        raise typer.BadParameter(f"--as-of: {error}; give Unix seconds, or a date such as 2026-01-31") from None
    settings = load(KitSettings)
    logs.configure(settings.log_format, "WARNING")
    account = asyncio.run(replay_scores(settings, until))
    typer.echo(json.dumps(account))
    raise typer.Exit(1 if account["mismatched"] else 0)


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a .csv, .ndjson or .parquet of readings")],
    url: Url = "http://127.0.0.1:8080",
    mode: Annotated[Mode, typer.Option(help="backfill stores history without scoring or alarms")] = Mode.BACKFILL,
    email: Email = "",
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write what was rejected, and why, to this .csv or .ndjson")
    ] = None,
) -> None:
    r"""Send a file of readings, and wait until it is taken in. Exit code 1 if anything was rejected.

    Columns: the profile's device field, timestamp (whole Unix seconds, UTC)
    and its signals, for a pacemaker as `pipelines/generate_data.py` writes
    them; what that adds may come along, unused, any other refuses the file.
    A bad row is rejected and the rest stored. To send a file again stores
    nothing twice. Ctrl-C ends the watching, and the platform goes on.

        PACEWATCH_PASSWORD=secret pacewatch upload old.csv \
            --email you@clinic.example --rejects bad.csv
    """
    from pacewatch.launcher.client.upload import Sender  # noqa: PLC0415
    from pacewatch.launcher.client.upload import upload as send  # noqa: PLC0415

    raise typer.Exit(0 if send(file, Sender.of(url, email), mode, console, rejects) else 1)


@app.command()
def seed(
    rows: Annotated[int, typer.Option(min=1, help="about how many; the same number is the same history")] = 2_000_000,
    url: Url = "http://127.0.0.1:8080",
    email: Email = "",
) -> None:
    """Load a simulated history of pacemakers with its outcomes, once: what was loaded before is not loaded again."""
    from pacewatch.launcher.client.seed import seed as load_history  # noqa: PLC0415
    from pacewatch.launcher.client.upload import Sender  # noqa: PLC0415

    raise typer.Exit(0 if load_history(rows, Sender.of(url, email), console) else 1)


@app.command()
def retention(
    older_than_days: Annotated[int | None, typer.Option(min=1, help="instead of the profile's days")] = None,
    apply: Annotated[bool, typer.Option("--apply/--dry-run", help="remove it, or only show what would go")] = False,
) -> None:
    """Remove readings that are older than the profile keeps them; without --apply, only show which."""
    from pacewatch.launcher.operations.retention import retain  # noqa: PLC0415

    settings = load(KitSettings)
    logs.configure(settings.log_format, "WARNING")
    asyncio.run(retain(settings, older_than_days, Console(), apply=apply))


@app.command()
def inbox(
    port: Annotated[int, typer.Option(help="web page")] = 1080, smtp_port: int = 1025, folder: Path = Path(".inbox")
) -> None:
    """Catch mail instead of delivering it, and show it on a page: for development."""
    from pacewatch.launcher.mailcatcher.server import run_inbox  # noqa: PLC0415

    run_inbox(smtp_port, port, folder)


@app.command()
def schemas(
    check: Annotated[bool, typer.Option("--check", help="change nothing; exit 1 if a file is stale")] = False,
) -> None:
    """Write the JSON Schemas, AsyncAPI, OpenAPI and .env.example files that describe the code."""
    root = Path.cwd()
    stale = generated.stale(root) if check else generated.write(root)
    for name in stale:
        typer.echo(f"{'stale' if check else 'written'}: {name}")
    if check and stale:
        console.print("Run `pacewatch schemas` and commit the result.")
        raise typer.Exit(1)


@app.command(name="keys")
def make_keys() -> None:
    """Print fresh signing keys as environment variables, for a deployment that manages its own secrets."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    for name in ("TOKEN", "ARTIFACT"):
        private = Ed25519PrivateKey.generate()
        typer.echo(f"PACEWATCH_{name}_PRIVATE_KEY={keys.to_base64(private.private_bytes_raw())}")
        typer.echo(f"PACEWATCH_{name}_PUBLIC_KEY={keys.to_base64(private.public_key().public_bytes_raw())}")


@letters.command("list")
def list_letters(
    queue: Annotated[str, typer.Argument(help="e.g. inference.on_telemetry_accepted; default: all")] = "",
) -> None:
    """Show what was put aside, by queue."""
    from pacewatch.launcher.operations.dead_letters import show  # noqa: PLC0415

    asyncio.run(show(load(KitSettings), queue, Console()))


@letters.command("replay")
def replay_letters(queue: Annotated[str, typer.Argument(help="e.g. inference.on_telemetry_accepted")]) -> None:
    """Send a queue's dead letters again, their failures forgiven: after the cause is mended."""
    from pacewatch.launcher.operations.dead_letters import replay  # noqa: PLC0415

    count = asyncio.run(replay(load(KitSettings), queue))
    typer.echo(f"{count} event(s) sent again")
