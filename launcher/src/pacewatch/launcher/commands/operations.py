"""Commands for operators, on the platform's database: verify-scores, reconcile, retention."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from pacewatch.kit import logs
from pacewatch.kit.settings import KitSettings, load


def verify_scores(
    as_of: Annotated[
        str, typer.Option(help="fleet time: Unix seconds, or a date as ISO 8601, without a zone in UTC; default: all")
    ] = "9999-12-31",
) -> None:
    """Compute every stored score again and compare. Prints JSON; exit code 1 if one differs."""
    from pacewatch.launcher.operations.verify_scores import parse_time, verify_stored_scores  # noqa: PLC0415

    try:
        until = parse_time(as_of)
    except (ValueError, OverflowError, OSError) as error:
        raise typer.BadParameter(f"--as-of: {error}; give Unix seconds, or a date such as 2026-01-31") from None
    settings = load(KitSettings)
    logs.configure(settings.log_format, "WARNING")
    result = asyncio.run(verify_stored_scores(settings, until))
    typer.echo(json.dumps(result))
    raise typer.Exit(1 if result["mismatched"] else 0)


def reconcile(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show what would be published again")] = False,
) -> None:
    """Publish again, under their own ids, events that no handler received, as after the restore of a backup.

    Prints JSON. The platform's processes do this by themselves after a restore; a second run changes nothing.
    """
    from pacewatch.launcher.operations.reconcile import publish_missing_events  # noqa: PLC0415

    settings = load(KitSettings)
    logs.configure(settings.log_format, "WARNING")
    typer.echo(json.dumps(asyncio.run(publish_missing_events(settings, dry_run=dry_run))))


def retention(
    older_than_days: Annotated[int | None, typer.Option(min=1, help="instead of the profile's days")] = None,
    apply: Annotated[bool, typer.Option("--apply/--dry-run", help="remove the rows, or only show them")] = False,
) -> None:
    """Remove readings that are older than the profile's retention. Without --apply, only show which."""
    from pacewatch.launcher.operations.retention import run_retention  # noqa: PLC0415

    settings = load(KitSettings)
    logs.configure(settings.log_format, "WARNING")
    asyncio.run(run_retention(settings, older_than_days, Console(), apply=apply))
