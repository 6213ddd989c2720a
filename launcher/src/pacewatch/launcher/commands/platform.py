"""Commands that run the platform: serve, migrate, doctor."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pacewatch.kit import logs
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.commands.options import Target, console
from pacewatch.launcher.operations.doctor import run_checks
from pacewatch.launcher.runtime import start_state
from pacewatch.launcher.runtime.migrate import migrate_all


def serve(
    target: Target = "all",
    check_config: Annotated[bool, typer.Option("--check-config", help="only check the settings")] = False,
) -> None:
    """Run one service, or all of them in one process, until Ctrl-C.

    Settings are environment variables; .env.example lists all of them.
    """
    from pacewatch.launcher.runtime import serve as server  # noqa: PLC0415 - the other commands start faster without it

    settings = load(KitSettings)
    if check_config:
        server.prepare(target, settings)
        start_state.requested(settings)
        console.print("The settings are complete.")
        return
    server.serve(target, settings)


def migrate(target: Target = "all") -> None:
    """Create or update the PostgreSQL schemas of the services. A second run changes nothing."""
    settings = load(KitSettings)
    logs.configure(settings.log_format, settings.log_level)

    async def run() -> None:
        database = Database(settings.database_url.get_secret_value())
        try:
            await migrate_all(database, settings.profile, target)
        finally:
            await database.close()

    asyncio.run(run())


def doctor() -> None:
    """Show what is missing on this machine and how to get it. Exit code 1 if anything is."""
    table = Table("", "what", "found", "needed for", "what to do", box=None)
    results = list(run_checks())
    for result in results:
        mark = "[green]ok[/green]" if result.ok else "[red]missing[/red]"
        table.add_row(mark, result.name, result.found, result.needed_for, "" if result.ok else result.remedy)
    Console().print(table)
    raise typer.Exit(0 if all(result.ok for result in results) else 1)
