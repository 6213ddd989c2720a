"""What a late reading tells afterwards: how much earlier an alert would have come, and never a second mail."""

from datetime import UTC, datetime
from typing import Any

import pytest
from integration.inference.conftest import World, at_day
from support.models import DYING, HEALTHY, START_S
from support.query_plans import statements

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.risk import late_findings as findings
from pacewatch.kit import db

pytestmark = pytest.mark.servers


def moment(day: float) -> datetime:
    return datetime.fromtimestamp(START_S + day * SECONDS_PER_DAY, UTC)


def second(day: float) -> int:
    return int(START_S + day * SECONDS_PER_DAY)


@pytest.fixture
async def watched(scoring_world: World) -> World:
    """Devices 1 and 2 have forty healthy days behind them."""
    rows = [(device, day, HEALTHY) for device in (1, 2) for day in range(40)]
    await scoring_world.take(*rows, mode=Mode.BACKFILL)
    return scoring_world


async def arrive(world: World, day: float, *rows: tuple[float, tuple[float, ...]], device: int = 1) -> None:
    """Readings of one device come at that day of fleet time."""
    with at_day(day):
        await world.take(*((device, measured, values) for measured, values in rows))


async def found(world: World, device: int | None = None) -> list[dict[str, Any]]:
    async with world.database.transaction("inference") as session:
        connection = await db.driver(session)
        rows, total = await findings.page(connection, PACEMAKER, world.inference.settings, device, limit=20, offset=0)
    assert total == len(rows)
    return rows


async def over(world: World) -> int:
    """Device 1 goes through an episode that begins on day 40; the day after its end."""
    await arrive(world, 40, (40, DYING))
    for day in range(41, 90):
        await arrive(world, day, (day, HEALTHY))
        if await world.emitted("alert.cleared"):
            return day + 1
    raise AssertionError("the episode never ended")


async def test_a_late_reading_tells_how_much_earlier_the_alert_would_have_come(watched: World) -> None:
    await arrive(watched, 45, (45, DYING))
    assert await found(watched) == []
    await arrive(watched, 46, (42, DYING))
    (one,) = await found(watched)
    ((episode, opened_at),) = await watched.fetch("SELECT id, opened_at FROM inference.episodes")
    assert (one["device_id"], one["timestamp"], one["known_at"]) == (1, second(42), moment(46))
    assert (one["alert_id"], one["alerted_at"], one["hours_earlier"]) == (episode, opened_at, 72)


async def test_a_late_reading_that_raises_an_earlier_score_counts_from_when_that_was_first_scored(
    watched: World,
) -> None:
    await arrive(watched, 42.5, (42, HEALTHY))
    await arrive(watched, 45, (45, DYING))
    await arrive(watched, 46, *((41 + step / 100, DYING) for step in range(60)))
    risks = await watched.risks()
    assert risks[1, second(42)] >= 0.3
    by_reading = {one["timestamp"]: one for one in await found(watched)}
    assert set(by_reading) == {second(41)}
    # The reading of day 41 comes first; without it, that of day 42 tells the same of itself.
    await watched.fetch("DELETE FROM inference.predictions WHERE timestamp_s < $1", second(42))
    (one,) = await found(watched)
    assert (one["timestamp"], one["possible_at"], one["hours_earlier"]) == (second(42), moment(42.5), 60)


async def test_a_danger_nobody_was_told_of_is_a_finding_without_an_alert(watched: World) -> None:
    await arrive(watched, 44, (44, HEALTHY), device=2)
    await arrive(watched, 80, *((day, HEALTHY) for day in range(45, 81) if day != 52), device=2)
    await arrive(watched, 81, (52, DYING), device=2)
    (one,) = await found(watched, 2)
    assert (one["alert_id"], one["alerted_at"], one["hours_earlier"]) == (None, None, None)
    assert await found(watched, 1) == []
    assert await watched.emitted("alert.raised") == []


async def test_a_reading_that_was_hours_behind_its_neighbour_is_no_finding(watched: World) -> None:
    await arrive(watched, 45, (44.9, DYING), (45, DYING))
    assert await found(watched) == []


async def test_what_came_during_an_episode_or_the_rest_after_it_is_no_finding(watched: World) -> None:
    watched = watched.set(late_days=90)
    day = await over(watched)
    await arrive(watched, day + 1, (day + 1, HEALTHY))
    await arrive(watched, day + 2, (40.5, DYING), (day - 0.5, DYING))
    assert (await watched.risks())[1, second(40.5)] >= 0.3
    assert await found(watched) == []


async def test_another_models_word_is_no_finding(watched: World) -> None:
    await arrive(watched, 45, (45, HEALTHY))
    await watched.activate(await watched.pack(day=2, random_state=2), sequence=2, threshold=1e-9)
    with at_day(46):
        await watched.rescore()
    assert len(await watched.fetch("SELECT FROM inference.predictions WHERE revision = 1 AND risk >= threshold")) == 1
    assert await found(watched) == []


async def test_a_late_row_of_an_episode_that_is_over_sends_no_second_mail(watched: World) -> None:
    watched = watched.set(late_days=90)
    day = await over(watched)
    before = await watched.fetch("SELECT * FROM inference.episodes")
    await arrive(watched, day, (40.5, DYING), (41.5, DYING))
    assert (await watched.risks())[1, second(41.5)] >= 0.3
    assert await watched.fetch("SELECT * FROM inference.episodes") == before
    assert len(await watched.emitted("alert.raised")) == 1


async def test_only_scores_of_its_device_within_the_longest_window_are_superseded_and_kept(watched: World) -> None:
    watched = watched.set(late_days=90)
    live = [(day, HEALTHY) for day in range(40, 95) if day != 41]
    for device in (1, 2):
        await arrive(watched, 95, *live, device=device)
    before = {(row["device_id"], row["timestamp_s"]): row["risk"] for row in await standing(watched)}
    await arrive(watched, 95, (41, DYING))
    after = await standing(watched)
    last = 41 + PACEMAKER.longest_window_days
    assert {(row["device_id"], row["timestamp_s"]) for row in after if row["revision"]} == {
        (1, second(day)) for day in range(42, last)
    }
    old = await watched.fetch("SELECT * FROM inference.predictions WHERE superseded_at IS NOT NULL")
    assert {(row["device_id"], row["timestamp_s"]): row["risk"] for row in old} == {
        key: risk for key, risk in before.items() if key[0] == 1 and second(41) < key[1] < second(last)
    }


async def standing(world: World) -> list[Any]:
    return await world.fetch("SELECT * FROM inference.predictions WHERE superseded_at IS NULL")


@pytest.mark.parametrize("device", [None, 1])
async def test_findings_are_looked_for_among_the_high_scores_that_came_late_or_again(
    watched: World, device: int | None
) -> None:
    with statements(watched.database) as ran:
        await found(watched, device)
    (query, arguments) = next(statement for statement in ran if "missed" in statement[0])
    async with watched.database.transaction("inference") as session:
        connection = await db.driver(session)
        # Of the few rows of a test the planner would read all.
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = " ".join(line for (line,) in await connection.fetch(f"EXPLAIN {query}", *arguments))
    assert "late_high_predictions" in plan, plan


async def test_behind_the_last_finding_there_is_none_and_they_are_counted_all_the_same(watched: World) -> None:
    await arrive(watched, 45, (45, DYING))
    await arrive(watched, 46, (42, DYING))
    async with watched.database.transaction("inference") as session:
        connection = await db.driver(session)
        page = await findings.page(connection, PACEMAKER, watched.inference.settings, None, limit=20, offset=20)
    assert page == ([], 1)
