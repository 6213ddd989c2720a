"""Every list reads few rows at two million readings: checks the query plans of the statements that the routes run.

The times are printed, not asserted: `pytest -s tests/integration/ingest/telemetry/test_query_plans.py`.
"""

import time
from urllib.parse import parse_qsl

import pytest
from support.ingest import NOW_S, Ingest
from support.ingest.large_fleet import BATCHES, DAYS, DEVICES, OUTCOMES, READINGS, UPLOADS
from support.query_plans import Scan, scans, statements

from pacewatch.ingest.audit import MAX_COUNTED

DAY_S = 86_400
# A device's readings are merged from the partitions of all years; each gives its newest reading.
YEARS = 30
# How many rows a route may read: of readings, and of all other tables. None grows with the audit.
ROUTES = {
    "telemetry/batches": (0, MAX_COUNTED + 20),
    "telemetry/batches?page=500": (0, 2 * MAX_COUNTED),
    "telemetry/batches?mode=backfill": (0, 20),
    "telemetry/batches?actor=nobody": (0, 20),
    "telemetry/batches?actor=fleet&correlation_id=nightly": (0, 20),
    "telemetry/batches?actor=fleet&with_rejects=true": (0, 20),
    f"telemetry/batches?received_from={NOW_S - 500 * DAY_S}&received_before={NOW_S - 490 * DAY_S}": (0, 2_020),
    "telemetry/uploads": (0, 2 * UPLOADS),
    "telemetry/summary": (0, DAYS + DEVICES + 10),
    "telemetry/recent": (3 * 4_096, 100),
    "telemetry/recent?limit=2000": (2_000 + 3 * 4_096, 10_000),
    "telemetry/devices/7/readings": (500 + YEARS, 500),
    "telemetry/devices/7/readings?limit=2000": (1_000 + YEARS, 1_000),
    f"telemetry/devices/7/readings?from={NOW_S - 40 * DAY_S}&to={NOW_S - 10 * DAY_S}": (31 + YEARS, 31),
    "telemetry/devices/99999999/readings": (0, 0),
    "outcomes": (0, 4 * OUTCOMES),
    "outcomes?kind=failure&page=9": (0, 4 * OUTCOMES),
    "outcomes?device_id=7": (0, 4 * OUTCOMES),
    "connectivity": (0, 2 * DEVICES + 4 * OUTCOMES),
    "connectivity?state=connected&page=9": (0, 2 * DEVICES + 4 * OUTCOMES),
    "labels/summary": (0, DAYS + 10),
}


@pytest.mark.parametrize("path", ROUTES)
async def test_a_list_reads_few_rows_and_never_scans_all_readings(
    large_fleet: Ingest, fleet_clock: None, path: str, pytestconfig: pytest.Config
) -> None:
    with statements(large_fleet.database) as ran:
        await fetch(large_fleet, path)
    assert ran
    found = [scan for statement in ran for scan in await scans(large_fleet.database, statement)]
    of_readings = [scan for scan in found if scan.table.startswith("readings")]
    others = [scan for scan in found if scan not in of_readings]
    assert [scan for scan in of_readings if scan.kind == "Seq Scan" and scan.rows] == []
    most_readings, most_others = ROUTES[path]
    assert rows_read(of_readings) <= most_readings, of_readings
    assert rows_read(others) <= most_others, others
    if pytestconfig.getoption("capture") == "no":
        await print_times(large_fleet, path)


async def test_totals_of_the_large_fleet_are_exact(large_fleet: Ingest, fleet_clock: None) -> None:
    summary = await large_fleet.get("telemetry/summary")
    assert (summary["rows"], summary["devices"], summary["batches"]) == (READINGS, DEVICES, BATCHES)
    assert sum((await large_fleet.get("labels/summary"))["counts"].values()) == READINGS
    assert len((await large_fleet.get("telemetry/devices/7/readings", limit=2_000))["items"]) == READINGS / DEVICES


async def fetch(ingest: Ingest, path: str) -> None:
    where, _, query = path.partition("?")
    await ingest.get(where, **dict(parse_qsl(query)))


def rows_read(found: list[Scan]) -> int:
    return sum(scan.rows for scan in found)


async def print_times(ingest: Ingest, path: str, rounds: int = 50) -> None:
    took_ms = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        await ingest.client.get(f"/api/v1/{path}", headers=ingest.bearer())
        took_ms.append(1_000 * (time.perf_counter() - began_s))
    took_ms.sort()
    print(f"\n{path}: p50 {took_ms[rounds // 2]:.1f} ms, p99 {took_ms[-1]:.1f} ms")  # noqa: T201
