"""Chunks of thousands of rows take a shorter way into the store, and nobody can tell by the result."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from support.bulk_readings import BulkReadings, make_bulk_readings
from support.ingest import NOW_S, Ingest, reading
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import IngestReport, Mode, RowError
from pacewatch.ingest.telemetry import bulk, service
from pacewatch.ingest.telemetry.columns import check_table
from pacewatch.ingest.telemetry.rules import rules_of

ROWS = bulk.FEWEST_ROWS + 7
DAY_S = 86_400
SIGNALS = ", ".join(f'"{name}"' for name in PACEMAKER.signal_names)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Fills with whether each attempt to COPY stored the rows."""
    attempts, copy = [], bulk.copy

    async def spy(*arguments: Any) -> bool:
        attempts.append(await copy(*arguments))
        return attempts[-1]

    monkeypatch.setattr(bulk, "copy", spy)
    return attempts


async def store(ingest: Ingest, rows: BulkReadings) -> tuple[IngestReport, list[RowError]]:
    delivery = service.Delivery(b"", Mode.BACKFILL, "tester", "", None)
    good, errors = check_table(rows.table(), rules_of(PACEMAKER), NOW_S)
    async with ingest.database.transaction("ingest") as session:
        report, told = await service.store_batch(session, PACEMAKER, delivery, len(rows), good, errors)
    return report, list(told)


async def stored(ingest: Ingest) -> list[tuple[Any, ...]]:
    found = await ingest.sql(f"SELECT device_id, timestamp_s, {SIGNALS} FROM ingest.readings ORDER BY 2, 1")
    return [tuple(row) for row in found]


def lines(rows: BulkReadings) -> list[tuple[Any, ...]]:
    columns = (rows.device_ids.tolist(), rows.timestamps_s.tolist(), *rows.signals.T.tolist())
    return sorted(zip(*columns, strict=True), key=lambda line: (line[1], line[0]))


async def test_thousands_of_new_rows_are_copied_with_their_batch_state_devices_and_events(
    ingest: Ingest, copied: list[bool]
) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    report, told = await store(ingest, rows)
    assert (copied, report.accepted, told) == ([True], ROWS, [])
    assert await stored(ingest) == lines(rows)
    (kinds,) = await ingest.sql("""
        SELECT count(DISTINCT reading.batch_number) AS batches, min(batch.accepted) AS accepted,
            min(label::text) AS label,
            bool_and(changed_xid = batch.xmin::text::bigint) AS stamped,
            (SELECT count(*) FROM ingest.devices) AS devices
        FROM ingest.readings AS reading JOIN ingest.batches AS batch ON batch.number = reading.batch_number
    """)
    assert tuple(kinds) == (1, ROWS, "unresolved", True, 40)
    events = await ingest.events("telemetry.accepted")
    assert Counter(device for event in events for device in event["readings"]["device_ids"]) == Counter(
        rows.device_ids.tolist()
    )


@pytest.mark.parametrize("known", [0, ROWS // 2 + 1, ROWS - 1])
async def test_a_known_row_among_thousands_is_told_and_the_others_are_stored(
    ingest: Ingest, copied: list[bool], known: int
) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    await ingest.accepted([reading(*(int(column[known]) for column in (rows.device_ids, rows.timestamps_s)))])
    report, (told,) = await store(ingest, rows)
    assert (copied, report.accepted, report.duplicates, report.rejected) == ([False], ROWS - 1, 1, 0)
    assert (told.row, told.code) == (known, "conflict")
    assert [line[:2] for line in await stored(ingest)] == [line[:2] for line in lines(rows)]


async def test_a_chunk_sent_again_is_known_before_a_row_is_written(ingest: Ingest, copied: list[bool]) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    await store(ingest, rows)
    size = "SELECT sum(pg_relation_size(relid)) AS bytes FROM pg_partition_tree('ingest.readings') WHERE isleaf"
    (before,) = await ingest.sql(size)
    report, told = await store(ingest, rows)
    assert (copied, report.accepted, Counter(error.code for error in told)) == ([True, False], 0, {"duplicate": ROWS})
    assert await ingest.sql(size) == [before]


def plain(keys: Sequence[tuple[int, int]]) -> BulkReadings:
    ids, stamps = np.array(keys).T
    return BulkReadings(ids, stamps, np.tile([reading()[name] for name in PACEMAKER.signal_names], (len(keys), 1)))


async def test_copies_and_inserts_at_once_count_each_row_once(
    ingest: Ingest, copied: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FEWEST_ROWS", 250)
    chance, accepted = random.Random(7), 0
    for first in (0, 100, 200):
        keys = [(first + device, NOW_S - day * DAY_S) for device in range(60) for day in (0, 1, 2, 365, 366, 367)]
        samples = [plain(chance.sample(keys, size)) for size in (300, 200) * 4]
        reports = await asyncio.gather(*(store(ingest, rows) for rows in samples))
        accepted += sum(report.accepted for report, _ in reports)
    events = await ingest.events("telemetry.accepted")
    told = [key for e in events for key in zip(e["readings"]["device_ids"], e["readings"]["timestamps_s"], strict=True)]
    assert len(copied) == 3 * 4
    assert accepted == len(told) == len(set(told))
    assert set(told) == {line[:2] for line in await stored(ingest)}


async def test_a_copy_and_an_insert_over_two_years_wait_for_each_other_in_one_order(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FEWEST_ROWS", 4)
    old_s = NOW_S - 365 * DAY_S
    held = ingest.database.transaction("ingest")
    session = await held.__aenter__()
    await session.execute(
        sa.text(f"INSERT INTO ingest.readings VALUES (5, {old_s}, {', '.join('1' for _ in PACEMAKER.signals)}, 0)")
    )
    copy = asyncio.create_task(store(ingest, plain([(0, old_s), (0, NOW_S), (1, old_s), (5, old_s)])))
    await until(waiters(ingest, 1))
    insert = asyncio.create_task(store(ingest, plain([(0, NOW_S), (1, old_s)])))
    await until(waiters(ingest, 2))
    await session.rollback()
    await held.__aexit__(None, None, None)
    assert [(await task)[0].accepted for task in (copy, insert)] == [4, 0]


def waiters(ingest: Ingest, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether so many transactions wait for another to end."""

    async def waiting() -> bool:
        (found,) = await ingest.sql("""
            SELECT count(*) AS count FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
        """)
        return bool(found.count == count)

    return waiting
