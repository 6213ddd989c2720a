"""Takes away readings that are older than a fleet keeps them, and never one whose label is still unresolved.

Labels are judged first: an old reading may be all the evidence there is that a device lived, so what it proves is
written down before it goes. Every step is a transaction under the ledger's lock and leaves all totals right; a command
that was interrupted is simply given again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.exc import DBAPIError

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ingest import partitions, sums
from pacewatch.ingest.errors import RetentionTooShort
from pacewatch.ingest.labels import repository as labels
from pacewatch.ingest.labels import service as ledger
from pacewatch.ingest.retention import repository
from pacewatch.ingest.retention.repository import Share
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database

ROWS_PER_STEP: Final = 10_000
_START: Final = (-1, 0)
_LOCK_NOT_AVAILABLE: Final = "55P03"

Tell = Callable[[str, int], None]
"""Hears of every step: the table, and how many rows went."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """Readings measured before `second` (Unix, fleet time) are older than they are kept."""

    second: int

    @classmethod
    def of(cls, profile: Profile, days: int) -> "Cutoff":
        """`days` before now; RetentionTooShort if scores and labels of today would still need what is older."""
        least = profile.longest_window_days + profile.label.horizon_days
        if days < least:
            raise RetentionTooShort(f"scores and labels of today need the last {least} days: keep at least those")
        return cls(int(clock.now_s()) - days * SECONDS_PER_DAY)

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.second, UTC)


async def plan(database: Database, cutoff: Cutoff) -> list[Share]:
    """What would go, table by table; nothing changes. Labels are taken as they were last judged."""
    async with database.transaction("ingest") as session:
        tables = [table for table in await repository.partitions(session) if _may_be_old(table, cutoff)]
        shares = [await repository.share(session, table, cutoff.second) for table in tables]
        return [*shares, await repository.rejects_share(session, cutoff.moment)]


async def carry_out(
    database: Database, profile: Profile, settings: IngestSettings, cutoff: Cutoff, tell: Tell
) -> dict[str, int]:
    """Judge the labels, then remove what is older than `cutoff`; rows removed by table."""
    async with database.transaction("ingest") as session:
        await ledger.mature(session, profile, settings, int(clock.now_s()))
    removed: dict[str, int] = {}
    for found in await plan(database, cutoff):
        if not found.rows:
            continue
        if found.table == repository.REJECTS:
            removed[found.table] = await _remove_rejects(database, cutoff, tell)
        else:
            emptied = await _empty(database, found, cutoff, tell) if found.whole else None
            removed[found.table] = await _remove(database, found.table, cutoff, tell) if emptied is None else emptied
    async with database.transaction("ingest") as session:
        await repository.find_spans(session)
        await sums.begin_anew(session)
    log.info("retention_applied", cutoff=cutoff.moment.isoformat(), **removed)
    return removed


def _may_be_old(table: str, cutoff: Cutoff) -> bool:
    year = table.rpartition("_")[2]
    return not year.isdigit() or partitions.bounds_s(int(year))[0] < cutoff.second


async def _empty(database: Database, found: Share, cutoff: Cutoff, tell: Tell) -> int | None:
    """All rows of a year at once; None if one of them must stay, or the table is in use for too long."""
    try:
        async with database.transaction("ingest") as session:
            await labels.lock(session)
            rows = await repository.empty(session, found.table, cutoff.second)
            await sums.begin_anew(session)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        log.warning("retention_table_in_use", table=found.table)
        return None
    if rows is not None:
        tell(found.table, rows)
    return rows


async def _remove(database: Database, table: str, cutoff: Cutoff, tell: Tell) -> int:
    behind, total = _START, 0
    while True:
        async with database.transaction("ingest") as session:
            await labels.lock(session)
            rows, last = await repository.remove(session, table, cutoff.second, behind, ROWS_PER_STEP)
            await sums.begin_anew(session)
        if last is None:
            return total
        behind, total = last, total + rows
        tell(table, rows)


async def _remove_rejects(database: Database, cutoff: Cutoff, tell: Tell) -> int:
    total = 0
    while True:
        async with database.transaction("ingest") as session:
            rows = await repository.remove_rejects(session, cutoff.moment, ROWS_PER_STEP)
        if not rows:
            return total
        total += rows
        tell(repository.REJECTS, rows)
