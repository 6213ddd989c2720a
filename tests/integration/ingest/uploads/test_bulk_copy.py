"""Chunks of thousands of rows are stored by COPY, with the same results as by INSERT."""

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
from support.ingest.uploads import by_name
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import IngestReport, Mode
from pacewatch.ingest.telemetry import bulk, service
from pacewatch.ingest.telemetry.batches import BatchRequest
from pacewatch.ingest.telemetry.checking import FoundError, check_table
from pacewatch.ingest.telemetry.rules import rules_of

ROWS = bulk.MIN_ROWS + 7
DAY_S = 86_400
SIGNALS = ", ".join(f'"{name}"' for name in PACEMAKER.signal_names)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Collects, for each attempt to COPY, whether it stored the rows."""
    attempts, copy = [], bulk.copy

    async def spy(*arguments: Any) -> bool:
        attempts.append(await copy(*arguments))
        return attempts[-1]

    monkeypatch.setattr(bulk, "copy", spy)
    return attempts


async def store(ingest: Ingest, rows: BulkReadings) -> tuple[IngestReport, list[FoundError]]:
    request = BatchRequest(b"", Mode.BACKFILL, "tester", "", None)
    checked = check_table(by_name(rows.table()), len(rows), rules_of(PACEMAKER), NOW_S)
    async with ingest.database.transaction("ingest") as session:
        report, all_errors = await service.store_batch(session, PACEMAKER, request, checked)
    return report, all_errors.kept


async def stored(ingest: Ingest) -> list[tuple[Any, ...]]:
    found = await ingest.sql(f"SELECT device_id, timestamp_s, {SIGNALS} FROM ingest.readings ORDER BY 2, 1")
    return [tuple(row) for row in found]


def lines(rows: BulkReadings) -> list[tuple[Any, ...]]:
    columns = (rows.device_ids.tolist(), rows.timestamps_s.tolist(), *rows.signals.T.tolist())
    return sorted(zip(*columns, strict=True), key=lambda line: (line[1], line[0]))


async def test_a_copied_chunk_has_its_batch_labels_devices_and_events(ingest: Ingest, copied: list[bool]) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    report, errors = await store(ingest, rows)
    assert (copied, report.accepted, errors) == ([True], ROWS, [])
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


@pytest.mark.parametrize("stored_row", [0, ROWS // 2 + 1, ROWS - 1])
async def test_one_stored_row_is_reported_and_all_others_are_stored(
    ingest: Ingest, copied: list[bool], stored_row: int
) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    await ingest.accepted([reading(*(int(column[stored_row]) for column in (rows.device_ids, rows.timestamps_s)))])
    report, (error,) = await store(ingest, rows)
    assert (copied, report.accepted, report.duplicates, report.rejected) == ([False], ROWS - 1, 1, 0)
    assert (error.row, error.code) == (stored_row, "conflict")
    assert [line[:2] for line in await stored(ingest)] == [line[:2] for line in lines(rows)]


async def test_a_repeated_chunk_writes_no_row(ingest: Ingest, copied: list[bool]) -> None:
    rows = make_bulk_readings(ROWS, 40, 1, NOW_S)
    await store(ingest, rows)
    size = "SELECT sum(pg_relation_size(relid)) AS bytes FROM pg_partition_tree('ingest.readings') WHERE isleaf"
    (before,) = await ingest.sql(size)
    report, errors = await store(ingest, rows)
    assert (copied, report.accepted, Counter(error.code for error in errors)) == ([True, False], 0, {"duplicate": ROWS})
    assert await ingest.sql(size) == [before]


def constant_readings(keys: Sequence[tuple[int, int]]) -> BulkReadings:
    ids, stamps = np.array(keys).T
    return BulkReadings(ids, stamps, np.tile([reading()[name] for name in PACEMAKER.signal_names], (len(keys), 1)))


async def test_concurrent_copies_and_inserts_count_each_row_once(
    ingest: Ingest, copied: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MIN_ROWS", 250)
    chance, accepted = random.Random(7), 0
    for first in (0, 100, 200):
        keys = [(first + device, NOW_S - day * DAY_S) for device in range(60) for day in (0, 1, 2, 365, 366, 367)]
        samples = [constant_readings(chance.sample(keys, size)) for size in (300, 200) * 4]
        reports = await asyncio.gather(*(store(ingest, rows) for rows in samples))
        accepted += sum(report.accepted for report, _ in reports)
    events = await ingest.events("telemetry.accepted")
    emitted = [
        key for e in events for key in zip(e["readings"]["device_ids"], e["readings"]["timestamps_s"], strict=True)
    ]
    assert len(copied) == 3 * 4
    assert accepted == len(emitted) == len(set(emitted))
    assert set(emitted) == {line[:2] for line in await stored(ingest)}


async def test_a_copy_and_an_insert_of_two_years_do_not_deadlock(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MIN_ROWS", 4)
    old_s = NOW_S - 365 * DAY_S
    held = ingest.database.transaction("ingest")
    session = await held.__aenter__()
    await session.execute(
        sa.text(f"INSERT INTO ingest.readings VALUES (5, {old_s}, {', '.join('1' for _ in PACEMAKER.signals)}, 0)")
    )
    copy = asyncio.create_task(store(ingest, constant_readings([(0, old_s), (0, NOW_S), (1, old_s), (5, old_s)])))
    await until(transactions_wait(ingest, 1))
    insert = asyncio.create_task(store(ingest, constant_readings([(0, NOW_S), (1, old_s)])))
    await until(transactions_wait(ingest, 2))
    await session.rollback()
    await held.__aexit__(None, None, None)
    assert [(await task)[0].accepted for task in (copy, insert)] == [4, 0]


def transactions_wait(ingest: Ingest, count: int) -> Callable[[], Awaitable[bool]]:
    """Whether `count` transactions wait for a lock."""

    async def waiting() -> bool:
        (found,) = await ingest.sql("""
            SELECT count(*) AS count FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
        """)
        return bool(found.count == count)

    return waiting
