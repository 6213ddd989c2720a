"""`pacewatch retention`: show which readings are too old, and remove them. Ingest does the work."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pacewatch.contracts.profiles import by_name
from pacewatch.ingest.retention import service
from pacewatch.ingest.retention.repository import OldRows
from pacewatch.ingest.retention.service import Cutoff
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings, load


async def run_retention(settings: KitSettings, older_than_days: int | None, console: Console, *, apply: bool) -> int:
    """Show the rows that are older than `older_than_days`, by default the profile's days. With `apply`, remove them.

    Returns how many rows it removed.
    """
    profile = by_name(settings.profile)
    days = profile.retention_days if older_than_days is None else older_than_days
    if days is None:
        console.print(f"Retention is off: the profile {profile.name} keeps all readings. Use --older-than-days.")
        return 0
    clock.apply_setting(settings.clock)
    cutoff = Cutoff.of(profile, days)
    database = Database(settings.database_url.get_secret_value())
    try:
        old_rows = await service.plan(database, cutoff)
        console.print(_table(old_rows, cutoff), soft_wrap=True)
        if not apply:
            console.print("Nothing was removed. Use --apply to remove these rows.")
            return 0
        return await _remove(database, settings, cutoff, old_rows, console)
    finally:
        await database.close()


async def _remove(
    database: Database, settings: KitSettings, cutoff: Cutoff, old_rows: Sequence[OldRows], console: Console
) -> int:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("removing", total=sum(table.rows for table in old_rows))

        def report_progress(table: str, rows: int) -> None:
            progress.update(task, advance=rows, description=table)

        profile = by_name(settings.profile)
        removed = await service.remove_old(database, profile, load(IngestSettings), cutoff, report_progress)
    total = sum(removed.values())
    console.print(f"{total:,} rows removed.", highlight=False)
    return total


def _table(old_rows: Sequence[OldRows], cutoff: Cutoff) -> Table:
    table = Table("table", "rows", "how", "from", "to", "size", "stay", box=None)
    table.caption, table.caption_justify = "stay: too old, but kept because their label is unresolved", "left"
    table.title, table.title_justify = f"Older than {cutoff.moment:%Y-%m-%d %H:%M} UTC, fleet time", "left"
    for one in old_rows:
        if one.rows or one.unresolved:
            how = "at once" if one.is_whole_table else "in steps"
            span = (_day(one.first_s), _day(one.last_s))
            table.add_row(one.table, f"{one.rows:,}", how, *span, _mib(one.size_bytes), f"{one.unresolved:,}")
    table.add_row(
        "all", f"{sum(one.rows for one in old_rows):,}", "", "", "", _mib(sum(one.size_bytes for one in old_rows)), ""
    )
    return table


def _day(second: int | None) -> str:
    return "" if second is None else f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
