"""Removes readings that are older than the retention period, except those whose label is still unresolved.

Labels are updated first: an old reading may be the only evidence that a device was alive, so its effect on labels is
stored before it is removed. Every step is a transaction under the lock of labels and leaves all totals right; after an
interruption the command is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.exc import DBAPIError

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest import day_sums, partitions
from pacewatch.ingest.errors import RetentionTooShort
from pacewatch.ingest.labels import repository as label_repository
from pacewatch.ingest.labels import service as labels
from pacewatch.ingest.retention import repository
from pacewatch.ingest.retention.repository import OldRows
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database

ROWS_PER_STEP: Final = 10_000
_BEFORE_ALL_KEYS: Final = (-1, 0)
_LOCK_NOT_AVAILABLE: Final = "55P03"

ReportProgress = Callable[[str, int], None]
"""Called after each step with the table and the number of removed rows."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Readings with timestamps before `second` (Unix, fleet time) are old."""

    second: int

    @classmethod
    def of(cls, profile: Profile, days: int) -> "Cutoff":
        """`days` before now; RetentionTooShort if current scores and labels still need older readings."""
        least = profile.longest_window_days + profile.label.horizon_days
        if days < least:
            raise RetentionTooShort(f"current scores and labels need the last {least} days: keep at least those")
        return cls(int(clock.now_s()) - days * SECONDS_PER_DAY)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.second, UTC)


async def plan(database: Database, cutoff: Cutoff) -> list[OldRows]:
    """What would be removed, by table, with labels as of their last update; changes nothing."""
    async with database.transaction("ingest") as session:
        tables = [table for table in await repository.partitions(session) if _may_be_old(table, cutoff)]
        old = [await repository.count_old(session, table, cutoff.second) for table in tables]
        return [*old, await repository.count_old_rejects(session, cutoff.moment)]


async def remove_old(
    database: Database, profile: Profile, settings: IngestSettings, cutoff: Cutoff, report_progress: ReportProgress
) -> dict[str, int]:
    """Update labels, then remove what is older than `cutoff`; the number of removed rows by table."""
    async with database.transaction("ingest") as session:
        await labels.mature(session, profile, settings, int(clock.now_s()))
    removed: dict[str, int] = {}
    for old in await plan(database, cutoff):
        if old.rows:
            removed[old.table] = await _remove_from(database, old, cutoff, report_progress)
    async with database.transaction("ingest") as session:
        await repository.update_spans(session)
        await day_sums.reset(session)
    log.info("retention_applied", cutoff=cutoff.moment.isoformat(), **removed)
    return removed


def _may_be_old(table: str, cutoff: Cutoff) -> bool:
    year = table.rpartition("_")[2]
    return not year.isdigit() or partitions.bounds_s(int(year))[0] < cutoff.second


async def _remove_from(database: Database, old: OldRows, cutoff: Cutoff, report_progress: ReportProgress) -> int:
    if old.table == repository.REJECTS:
        return await _remove_rejects(database, cutoff, report_progress)
    rows = await _truncate(database, old.table, cutoff, report_progress) if old.is_whole_table else None
    return await _remove_in_steps(database, old.table, cutoff, report_progress) if rows is None else rows


async def _truncate(database: Database, table: str, cutoff: Cutoff, report_progress: ReportProgress) -> int | None:
    """Remove all rows of a year at once; None if any of them must stay, or the table is in use for too long."""
    try:
        async with database.transaction("ingest") as session:
            await label_repository.lock(session)
            rows = await repository.truncate(session, table, cutoff.second)
            await day_sums.reset(session)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        log.warning("retention_table_in_use", table=table)
        return None
    if rows is not None:
        report_progress(table, rows)
    return rows


async def _remove_in_steps(database: Database, table: str, cutoff: Cutoff, report_progress: ReportProgress) -> int:
    after, total = _BEFORE_ALL_KEYS, 0
    while True:
        async with database.transaction("ingest") as session:
            await label_repository.lock(session)
            rows, last = await repository.remove_step(session, table, cutoff.second, after, ROWS_PER_STEP)
            await day_sums.reset(session)
        if last is None:
            return total
        after, total = last, total + rows
        report_progress(table, rows)


async def _remove_rejects(database: Database, cutoff: Cutoff, report_progress: ReportProgress) -> int:
    total = 0
    while True:
        async with database.transaction("ingest") as session:
            rows = await repository.remove_rejects(session, cutoff.moment, ROWS_PER_STEP)
        if not rows:
            return total
        total += rows
        report_progress(repository.REJECTS, rows)
