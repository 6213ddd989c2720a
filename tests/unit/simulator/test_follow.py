"""A live fleet posts every day whole, in requests of at most 1000 rows that the contracts accept."""

import asyncio
import time
from pathlib import Path

import pytest

from pacewatch.contracts.outcomes import outcome_model
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import reading_model
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.day import Day, days
from pacewatch.simulator.sources.follow import INGEST_PATH, OUTCOMES_PATH, every, follow
from pacewatch.simulator.sources.replay import ReplayedFleet
from pacewatch.simulator.sources.rows import Row

START_S = 1_577_836_800


class Platform:
    """Remembers what was posted."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, list[Row]]] = []

    async def post(self, path: str, rows: list[Row]) -> None:
        self.posts.append((path, rows))

    def rows(self, wanted: str) -> list[Row]:
        return [row for path, rows in self.posts if path == wanted for row in rows]


async def at_once(_day: Day) -> None:
    return None


async def test_every_reading_and_outcome_is_posted_as_the_contracts_ask() -> None:
    platform, twin = Platform(), Fleet(1_200, START_S, 8, 1)
    assert await follow(Fleet(1_200, START_S, 8, 1), platform.post, at_once, days=20) == 20
    lived = list(days(twin, 20))
    assert len(platform.rows(INGEST_PATH)) == sum(len(day.readings) for day in lived)
    assert len(platform.rows(OUTCOMES_PATH)) == sum(len(day.outcomes) for day in lived) > 0
    for row in platform.rows(INGEST_PATH)[:500]:
        reading_model(PACEMAKER).model_validate(row)
    for row in platform.rows(OUTCOMES_PATH):
        outcome_model(PACEMAKER).model_validate(row)


async def test_a_request_has_at_most_1000_rows_and_is_never_empty() -> None:
    platform = Platform()
    await follow(Fleet(2_500, START_S, 8, 1), platform.post, at_once, days=2)
    sizes = [len(rows) for path, rows in platform.posts if path == INGEST_PATH]
    assert max(sizes) == 1_000
    assert min(len(rows) for _, rows in platform.posts) > 0


async def test_a_record_is_followed_to_its_end(machine_data: Path) -> None:
    platform = Platform()
    assert await follow(ReplayedFleet(machine_data), platform.post, at_once) == 366
    assert (len(platform.rows(INGEST_PATH)), len(platform.rows(OUTCOMES_PATH))) == (36_600, 761)


async def test_no_day_is_posted_before_its_moment() -> None:
    platform, asked = Platform(), []

    async def moment(day: Day) -> None:
        asked.append((day.date_s, len(platform.posts)))

    await follow(Fleet(10, START_S, 0, 1), platform.post, moment, days=3)
    assert asked == [(START_S, 0), (START_S + 86_400, 1), (START_S + 2 * 86_400, 2)]


async def test_the_pace_is_that_of_the_wall_clock() -> None:
    begun_s = time.monotonic()
    await follow(Fleet(2, START_S, 0, 1), Platform().post, every(0.05), days=5)
    assert time.monotonic() - begun_s >= 0.2


async def test_cancelling_stops_it() -> None:
    task = asyncio.create_task(follow(Fleet(2, START_S, 0, 1), Platform().post, every(0.01)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
