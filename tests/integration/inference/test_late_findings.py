"""Late findings: how much earlier an alert would have been raised if late readings had arrived in time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.inference.harness import Harness, at_day
from support.inference.models import DYING, HEALTHY, START_S
from support.query_plans import statements

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.risk import late_findings
from pacewatch.kit import db

pytestmark = pytest.mark.servers


def time_of(day: float) -> datetime:
    return datetime.fromtimestamp(START_S + day * SECONDS_PER_DAY, UTC)


def second_of(day: float) -> int:
    return int(START_S + day * SECONDS_PER_DAY)


@pytest.fixture
async def with_history(scoring: Harness) -> Harness:
    """With forty healthy days of devices 1 and 2."""
    rows = [(device, day, HEALTHY) for device in (1, 2) for day in range(40)]
    await scoring.process(*rows, mode=Mode.BACKFILL)
    return scoring


async def arrive(harness: Harness, day: float, *rows: tuple[float, tuple[float, ...]], device: int = 1) -> None:
    """Process readings of one device on that day of fleet time."""
    with at_day(day):
        await harness.process(*((device, measured, values) for measured, values in rows))


async def page_of_findings(
    harness: Harness, device: int | None = None, offset: int = 0
) -> tuple[list[dict[str, Any]], int]:
    async with harness.database.transaction("inference") as session:
        return await late_findings.list_late_findings(
            await db.driver(session), PACEMAKER, harness.inference.settings, device, limit=20, offset=offset
        )


async def findings(harness: Harness, device: int | None = None) -> list[dict[str, Any]]:
    rows, total = await page_of_findings(harness, device)
    assert total == len(rows)
    return rows


async def open_and_close_episode(harness: Harness) -> int:
    """An episode of device 1 that opens on day 40. Returns the day after it closes."""
    await arrive(harness, 40, (40, DYING))
    for day in range(41, 90):
        await arrive(harness, day, (day, HEALTHY))
        if await harness.emitted("alert.cleared"):
            return day + 1
    raise AssertionError("the episode never closed")


async def test_a_finding_says_how_many_hours_earlier_an_alert_was_possible(with_history: Harness) -> None:
    await arrive(with_history, 45, (45, DYING))
    assert await findings(with_history) == []
    await arrive(with_history, 46, (42, DYING))
    (one,) = await findings(with_history)
    ((episode, opened_at),) = await with_history.fetch("SELECT id, opened_at FROM inference.episodes")
    assert (one["device_id"], one["timestamp"], one["known_at"]) == (1, second_of(42), time_of(46))
    assert (one["alert_id"], one["alerted_at"], one["hours_earlier"]) == (episode, opened_at, 72)


async def test_a_score_raised_by_late_readings_was_possible_when_it_was_first_scored(
    with_history: Harness,
) -> None:
    await arrive(with_history, 42.5, (42, HEALTHY))
    await arrive(with_history, 45, (45, DYING))
    await arrive(with_history, 46, *((41 + step / 100, DYING) for step in range(60)))
    risks = await with_history.current_risks()
    assert risks[1, second_of(42)] >= 0.3
    assert [one["timestamp"] for one in await findings(with_history)] == [second_of(41)]
    # The reading of day 41 is the first finding. Without it, the reading of day 42 is one.
    await with_history.fetch("DELETE FROM inference.predictions WHERE timestamp_s < $1", second_of(42))
    (one,) = await findings(with_history)
    assert (one["timestamp"], one["possible_at"], one["hours_earlier"]) == (second_of(42), time_of(42.5), 60)


async def test_a_danger_without_an_alert_is_a_finding_without_an_alert(with_history: Harness) -> None:
    # Above what a dying reading adds to the risk of its device for 30 days.
    await with_history.activate(await with_history.pack_model(), sequence=2, threshold=0.5)
    await arrive(with_history, 44, (44, HEALTHY), device=2)
    await arrive(with_history, 80, *((day, HEALTHY) for day in range(45, 81) if day != 52), device=2)
    await arrive(with_history, 81, (52, DYING), device=2)
    (one,) = await findings(with_history, 2)
    assert (one["alert_id"], one["alerted_at"], one["hours_earlier"]) == (None, None, None)
    assert await findings(with_history, 1) == []
    assert await with_history.emitted("alert.raised") == []


async def test_a_reading_hours_older_than_the_next_is_no_finding(with_history: Harness) -> None:
    await arrive(with_history, 45, (44.9, DYING), (45, DYING))
    assert await findings(with_history) == []


async def test_a_score_during_an_episode_or_its_cooldown_is_no_finding(with_history: Harness) -> None:
    with_history = with_history.with_settings(late_days=90, cooldown_days=7)
    day = await open_and_close_episode(with_history)
    await arrive(with_history, day + 1, (day + 1, HEALTHY))
    await arrive(with_history, day + 2, (40.5, DYING), (day - 0.5, DYING))
    assert (await with_history.current_risks())[1, second_of(40.5)] >= 0.3
    assert await findings(with_history) == []


async def test_a_score_by_another_model_is_no_finding(with_history: Harness) -> None:
    await arrive(with_history, 45, (45, HEALTHY))
    await with_history.activate(await with_history.pack_model(day=2, random_state=2), sequence=2, threshold=1e-9)
    with at_day(46):
        await with_history.process((1, 44, HEALTHY), mode=Mode.BACKFILL)
    assert (
        len(await with_history.fetch("SELECT FROM inference.predictions WHERE revision = 1 AND risk >= threshold")) == 1
    )
    assert await findings(with_history) == []


async def test_a_late_reading_of_a_closed_episode_raises_no_second_alert(with_history: Harness) -> None:
    with_history = with_history.with_settings(late_days=90)
    day = await open_and_close_episode(with_history)
    before = await with_history.fetch("SELECT * FROM inference.episodes")
    await arrive(with_history, day, (40.5, DYING), (41.5, DYING))
    assert (await with_history.current_risks())[1, second_of(41.5)] >= 0.3
    assert await with_history.fetch("SELECT * FROM inference.episodes") == before
    assert len(await with_history.emitted("alert.raised")) == 1


async def test_a_late_reading_supersedes_scores_of_its_device_within_the_longest_window(
    with_history: Harness,
) -> None:
    with_history = with_history.with_settings(late_days=90)
    live = [(day, HEALTHY) for day in range(40, 95) if day != 41]
    for device in (1, 2):
        await arrive(with_history, 95, *live, device=device)
    before = {(row["device_id"], row["timestamp_s"]): row["risk"] for row in await current_scores(with_history)}
    await arrive(with_history, 95, (41, DYING))
    after = await current_scores(with_history)
    last = 41 + PACEMAKER.longest_window_days
    assert {(row["device_id"], row["timestamp_s"]) for row in after if row["revision"]} == {
        (1, second_of(day)) for day in range(42, last)
    }
    old = await with_history.fetch("SELECT * FROM inference.predictions WHERE superseded_at IS NOT NULL")
    assert {(row["device_id"], row["timestamp_s"]): row["risk"] for row in old} == {
        key: risk for key, risk in before.items() if key[0] == 1 and second_of(41) < key[1] < second_of(last)
    }


async def current_scores(harness: Harness) -> list[Any]:
    return await harness.fetch("SELECT * FROM inference.predictions WHERE superseded_at IS NULL")


@pytest.mark.parametrize("device", [None, 1])
async def test_findings_are_looked_up_in_the_index_of_late_high_scores(
    with_history: Harness, device: int | None
) -> None:
    with statements(with_history.database) as statements_run:
        await findings(with_history, device)
    (query, arguments) = next(statement for statement in statements_run if "missed" in statement[0])
    async with with_history.database.transaction("inference") as session:
        connection = await db.driver(session)
        # The planner would read all of the few rows of a test.
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = " ".join(line for (line,) in await connection.fetch(f"EXPLAIN {query}", *arguments))
    assert "late_high_predictions" in plan, plan


async def test_a_page_after_the_last_finding_is_empty_and_has_the_total(with_history: Harness) -> None:
    await arrive(with_history, 45, (45, DYING))
    await arrive(with_history, 46, (42, DYING))
    assert await page_of_findings(with_history, offset=20) == ([], 1)
