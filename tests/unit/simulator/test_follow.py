"""A live fleet posts every day completely, in requests of at most 1000 rows that the contracts accept."""

import asyncio
import time
from pathlib import Path

import pytest

from pacewatch.contracts.devices import device_entry_model
from pacewatch.contracts.outcomes import outcome_model
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import reading_model
from pacewatch.simulator.day import Day, days
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.follow import DEVICES_PATH, INGEST_PATH, OUTCOMES_PATH, at_pace, follow
from pacewatch.simulator.sources.replay import ReplayedFleet
from pacewatch.simulator.sources.rows import Row

START_S = 1_577_836_800


class RecordingPlatform:
    """Records the posts that it gets."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, list[Row]]] = []

    async def post(self, path: str, rows: list[Row]) -> None:
        self.posts.append((path, rows))

    def rows(self, path: str) -> list[Row]:
        return [row for posted_to, rows in self.posts if posted_to == path for row in rows]


async def at_once(_day: Day) -> None:
    return None


async def test_every_reading_and_outcome_is_posted_and_valid_under_the_contracts() -> None:
    platform, same_fleet = RecordingPlatform(), Fleet(1_200, START_S, 8, 1)
    assert await follow(Fleet(1_200, START_S, 8, 1), platform.post, at_once, days=20) == 20
    simulated = list(days(same_fleet, 20))
    assert len(platform.rows(INGEST_PATH)) == sum(len(day.readings) for day in simulated)
    assert len(platform.rows(OUTCOMES_PATH)) == sum(len(day.outcomes) for day in simulated) > 0
    for row in platform.rows(INGEST_PATH)[:500]:
        reading_model(PACEMAKER).model_validate(row)
    for row in platform.rows(OUTCOMES_PATH):
        outcome_model(PACEMAKER).model_validate(row)
    for row in platform.rows(DEVICES_PATH):
        device_entry_model(PACEMAKER).model_validate(row)


async def test_a_device_is_registered_before_its_first_reading() -> None:
    platform = RecordingPlatform()
    await follow(Fleet(60, START_S, 90, 1, refill=True), platform.post, at_once, days=70)
    seen, registered = set(), set()
    for path, rows in platform.posts:
        devices = {row["patient_id"] for row in rows}
        if path == DEVICES_PATH:
            assert not devices & registered
            registered |= devices
        elif path == INGEST_PATH:
            seen |= devices
            assert seen <= registered
    assert len(registered) > 60


async def test_a_request_has_at_most_1000_rows_and_is_never_empty() -> None:
    platform = RecordingPlatform()
    await follow(Fleet(2_500, START_S, 8, 1), platform.post, at_once, days=2)
    sizes = [len(rows) for path, rows in platform.posts if path == INGEST_PATH]
    assert max(sizes) == 1_000
    assert min(len(rows) for _, rows in platform.posts) > 0


async def test_a_recorded_fleet_is_posted_to_its_last_day(machine_data: Path) -> None:
    platform = RecordingPlatform()
    assert await follow(ReplayedFleet(machine_data), platform.post, at_once) == 366
    assert (len(platform.rows(INGEST_PATH)), len(platform.rows(OUTCOMES_PATH))) == (36_600, 761)


async def test_no_day_is_posted_before_wait_for_day_returns() -> None:
    platform, waits = RecordingPlatform(), []

    async def wait_for_day(day: Day) -> None:
        waits.append((day.date_s, len(platform.posts)))

    await follow(Fleet(10, START_S, 0, 1), platform.post, wait_for_day, days=3)
    assert waits == [(START_S, 0), (START_S + 86_400, 2), (START_S + 2 * 86_400, 3)]  # the register goes first


async def test_days_are_posted_at_the_pace_of_the_wall_clock() -> None:
    start_s = time.monotonic()
    await follow(Fleet(2, START_S, 0, 1), RecordingPlatform().post, at_pace(0.05), days=5)
    assert time.monotonic() - start_s >= 0.2


async def test_cancelling_stops_following() -> None:
    task = asyncio.create_task(follow(Fleet(2, START_S, 0, 1), RecordingPlatform().post, at_pace(0.01)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
