"""Retention removes old readings except unresolved ones, and all totals stay right."""

import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from rich.console import Console
from support.ingest import NOW_S, Ingest, reading

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import day_sums, partitions
from pacewatch.ingest.errors import RetentionTooShort
from pacewatch.ingest.retention import repository, service
from pacewatch.ingest.retention.service import Cutoff
from pacewatch.ingest.settings import IngestSettings
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.operations.retention import run_retention
from pacewatch.trainer_agent.data.pull import pull

DAY_S = 86_400
THIS_YEAR = partitions.year_of(NOW_S)
LONG_AGO_S = partitions.bounds_s(THIS_YEAR - 2)[0]
SILENT = 3
LONG_GRACE = IngestSettings(silence_grace_days=3_650)
CUTOFF = Cutoff(NOW_S - 100 * DAY_S)


@pytest.fixture
async def years(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    """Two devices from two years ago to now, in batches of 300; a third fell silent last year. Batches are summed."""
    monkeypatch.setattr(service, "ROWS_PER_STEP", 20)
    stamps = range(LONG_AGO_S, NOW_S, 5 * DAY_S)
    rows = [reading(device, stamp) for stamp in stamps for device in (1, 2)]
    for first in range(0, len(rows), 300):
        await ingest.post(rows[first : first + 300], "telemetry/ingest?mode=backfill")
    silent = [reading(SILENT, LONG_AGO_S + 400 * DAY_S + n) for n in range(7)]
    await ingest.post([reading(1, LONG_AGO_S + 1), *silent], "telemetry/ingest?mode=backfill")
    await ingest.record({PACEMAKER.device_field: 1, "kind": "failure", "occurred_at": LONG_AGO_S + 30 * DAY_S})
    async with ingest.database.transaction("ingest") as session:
        await day_sums.add_new_batches(session)
    return ingest


async def remove_old(ingest: Ingest, report_progress: Any = lambda table, rows: None) -> dict[str, int]:
    return await service.remove_old(ingest.database, PACEMAKER, LONG_GRACE, CUTOFF, report_progress)


async def stored(ingest: Ingest) -> list[Any]:
    return await ingest.sql("SELECT device_id, timestamp_s, label::text, batch_number FROM ingest.readings")


async def reported_totals(ingest: Ingest) -> tuple[Any, ...]:
    """The totals that the service reports."""
    summary = await ingest.get("telemetry/summary")
    names = ("rows", "first_reading_at", "last_reading_at")
    return *(summary[name] for name in names), (await ingest.get("labels/summary"))["counts"]


async def counted_totals(ingest: Ingest) -> tuple[Any, ...]:
    """The same totals, counted from the stored readings."""
    rows = await stored(ingest)
    stamps, labels = [row.timestamp_s for row in rows], Counter(row.label for row in rows)
    counts = {state: labels[state] for state in ("unresolved", "positive", "negative", "censored")}
    return len(rows), iso(min(stamps)), iso(max(stamps)), counts


async def test_old_resolved_readings_are_removed_and_totals_stay_right(years: Ingest) -> None:
    before = await stored(years)
    removed = await remove_old(years)
    after = await stored(years)
    assert {(row.device_id, row.timestamp_s) for row in after} == {
        (row.device_id, row.timestamp_s)
        for row in before
        if row.timestamp_s >= CUTOFF.second or row.device_id == SILENT
    }
    assert sum(removed.values()) == len(before) - len(after) > 300
    assert {row.label for row in after if row.device_id == SILENT} == {"unresolved"}
    assert await reported_totals(years) == await counted_totals(years)


async def test_a_year_of_which_nothing_must_stay_is_emptied_at_once(years: Ingest) -> None:
    steps: Counter[str] = Counter()
    await remove_old(years, lambda table, _: steps.update([table]))
    assert steps[f"readings_{THIS_YEAR - 2}"] == 1
    assert steps[f"readings_{THIS_YEAR - 1}"] > 2
    await years.post([reading(1, LONG_AGO_S)], "telemetry/ingest?mode=backfill")
    assert await reported_totals(years) == await counted_totals(years)


async def test_the_audit_keeps_accepted_counts_and_shows_removed_ones(years: Ingest) -> None:
    accepted = {batch["batch_id"]: batch["accepted"] for batch in await batches(years)}
    await remove_old(years)
    after = await batches(years)
    assert {batch["batch_id"]: batch["accepted"] for batch in after} == accepted
    assert sum(accepted.values()) - sum(batch["removed"] for batch in after) == len(await stored(years))
    shrunk = [batch for batch in after if 0 < batch["removed"] < batch["accepted"]]
    assert shrunk and all(batch["first_reading_at"] < iso(CUTOFF.second) for batch in shrunk)


async def batches(ingest: Ingest) -> list[Any]:
    items: list[Any] = (await ingest.get("telemetry/batches", size=200))["items"]
    return items


async def test_an_interrupted_removal_leaves_right_totals_and_continues_when_run_again(years: Ingest) -> None:
    def interrupt(table: str, _: int) -> None:
        if table == f"readings_{THIS_YEAR - 1}":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await remove_old(years, interrupt)
    halfway, counted = await reported_totals(years), await counted_totals(years)
    assert (halfway[0], halfway[-1]) == (counted[0], counted[-1])
    await remove_old(years)
    assert await reported_totals(years) == await counted_totals(years)
    assert await remove_old(years) == {}


async def test_a_year_that_is_in_use_is_removed_in_steps(years: Ingest) -> None:
    steps: Counter[str] = Counter()
    async with years.database.transaction("ingest") as session:
        await session.execute(sa.text(f"SELECT FROM ingest.readings_{THIS_YEAR - 2} LIMIT 1"))
        await remove_old(years, lambda table, _: steps.update([table]))
    assert steps[f"readings_{THIS_YEAR - 2}"] > 2
    assert await reported_totals(years) == await counted_totals(years)


async def test_the_newest_readings_are_found_after_the_newest_batch_lost_rows(ingest: Ingest) -> None:
    silent_s = CUTOFF.second - 30 * DAY_S
    for stamps in ([silent_s, silent_s + 1], [*(CUTOFF.second - second for second in range(1, 30)), NOW_S]):
        device = SILENT if stamps[0] == silent_s else 1
        await ingest.post([reading(device, stamp) for stamp in stamps], "telemetry/ingest?mode=backfill")
    await remove_old(ingest)
    items = (await ingest.get("telemetry/recent", limit=3))["items"]
    assert [item["timestamp"] for item in items] == [NOW_S, silent_s + 1, silent_s]


async def test_a_year_with_a_row_that_must_stay_is_not_emptied(years: Ingest) -> None:
    await years.mature()
    table = f"readings_{THIS_YEAR - 2}"
    async with years.database.transaction("ingest") as session:
        assert await repository.truncate(session, table, LONG_AGO_S + DAY_S) is None
    await years.sql(f"UPDATE ingest.{table} SET label = 'unresolved' WHERE timestamp_s = {LONG_AGO_S + 1}")
    async with years.database.transaction("ingest") as session:
        assert await repository.truncate(session, table, CUTOFF.second) is None
    assert len(await years.sql(f"SELECT 1 FROM ingest.{table}")) > 100


async def test_labels_are_updated_before_old_readings_are_removed(ingest: Ingest) -> None:
    old_s = CUTOFF.second - 40 * DAY_S
    await ingest.post([reading(1, CUTOFF.second - DAY_S)], "telemetry/ingest?mode=backfill")
    await ingest.mature()
    await ingest.post([reading(1, old_s)], "telemetry/ingest?mode=backfill")
    await service.remove_old(ingest.database, PACEMAKER, LONG_GRACE, CUTOFF, lambda table, rows: None)
    assert await stored(ingest) == []
    moved = [event["counts"] for event in await ingest.events("labels.matured")]
    assert sum(counts["negative"] for counts in moved) == 1


async def test_rejects_of_uploads_before_the_cutoff_are_removed_and_their_count_stays(ingest: Ingest) -> None:
    old = datetime.fromtimestamp(CUTOFF.second, UTC) - timedelta(days=1)
    for number, finished_at in ((1, old), (2, old + timedelta(days=2))):
        await ingest.sql(
            """WITH made AS (
                INSERT INTO ingest.uploads (id, format, mode, status, received_at, finished_at, actor, address,
                    correlation_id, bytes_total, rejected)
                VALUES (gen_random_uuid(), 'csv', 'backfill', 'done', :at, :at, 'x', 'x', :name, 1, 30)
                RETURNING number)
            INSERT INTO ingest.upload_rejects (upload_number, row, field, code)
            SELECT number, n, 'f', 'missing' FROM made, generate_series(1, 30) AS n""",
            at=finished_at,
            name=str(number),
        )
    assert await remove_old(ingest) == {"upload_rejects": 30}
    rows = await ingest.sql("""SELECT correlation_id, rejected, (SELECT count(*) FROM ingest.upload_rejects
        WHERE upload_number = number) AS kept FROM ingest.uploads ORDER BY 1""")
    assert [tuple(row) for row in rows] == [("1", 30, 0), ("2", 30, 30)]


async def test_the_trainer_rebuilds_its_cache_when_rows_were_removed(years: Ingest, tmp_path: Path) -> None:
    await pull(years.database, PACEMAKER, tmp_path)
    await remove_old(years)
    pulled = await pull(years.database, PACEMAKER, tmp_path)
    keys = set(pulled.readings.keys.pairs())
    assert (pulled.rebuilt, keys) == (True, {(row.device_id, row.timestamp_s) for row in await stored(years)})


def test_readings_that_current_scores_and_labels_need_cannot_be_removed() -> None:
    least = PACEMAKER.longest_window_days + PACEMAKER.label.horizon_days
    Cutoff.of(PACEMAKER, least)
    with pytest.raises(RetentionTooShort, match=f"{least} days"):
        Cutoff.of(PACEMAKER, least - 1)


async def test_the_command_shows_old_rows_and_removes_them_only_with_apply(years: Ingest) -> None:
    url = years.database.url.render_as_string(hide_password=False)
    settings = KitSettings(database_url=SecretStr(url))
    await years.mature()
    before = len(await stored(years))
    output = io.StringIO()
    assert await run_retention(settings, None, Console(file=output), apply=False) == 0
    assert "Retention is off" in output.getvalue()
    console = Console(file=output, width=200)
    assert await run_retention(settings, 100, console, apply=False) == 0
    assert len(await stored(years)) == before
    assert f"readings_{THIS_YEAR - 2}" in output.getvalue() and "Nothing was removed" in output.getvalue()
    removed = await run_retention(settings, 100, console, apply=True)
    assert removed == before - len(await stored(years)) > 0
    assert await reported_totals(years) == await counted_totals(years)
