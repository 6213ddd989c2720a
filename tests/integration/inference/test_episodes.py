"""An episode raises one alert, closes well below the threshold, and is followed by a cooldown."""

import asyncio

import pytest
from support.inference.harness import Harness, at_day, batch
from support.inference.models import DYING, HEALTHY

from pacewatch.contracts.telemetry import Mode

pytestmark = pytest.mark.servers


@pytest.fixture
async def with_history(scoring: Harness) -> Harness:
    """With forty healthy days of device 1."""
    await scoring.process(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    return scoring


async def score_live(harness: Harness, day: int, values: tuple[float, ...]) -> float:
    """Process one live reading of device 1 on that day. Returns its risk."""
    with at_day(day):
        await harness.process((1, day, values))
    ((risk,),) = await harness.fetch("SELECT risk FROM inference.devices WHERE device_id = 1")
    return risk


async def raised_and_cleared(harness: Harness) -> tuple[int, int]:
    """How many alerts were raised and cleared."""
    return len(await harness.emitted("alert.raised")), len(await harness.emitted("alert.cleared"))


async def test_a_lasting_danger_raises_one_alert(with_history: Harness) -> None:
    for day in range(40, 44):
        assert await score_live(with_history, day, DYING) >= 0.3
    (alert,) = await with_history.emitted("alert.raised")
    ((episode,),) = await with_history.fetch("SELECT id FROM inference.episodes")
    assert alert["alert_id"] == str(episode)
    assert (alert["device_id"], alert["decided_by"]) == (1, "model")
    (threshold,) = [factor for factor in alert["factors"] if factor["signal"] == "capture_threshold_v"]
    assert "was 0.75 V a month ago; normal up to 2 V" in threshold["text"]
    assert list(alert["signals"].values()) == list(DYING)


async def test_an_episode_closes_a_horizon_after_its_last_danger_and_the_next_opens_after_the_cooldown(
    with_history: Harness,
) -> None:
    with_history = with_history.with_settings(cooldown_days=7)
    await score_live(with_history, 40, DYING)
    day = 41
    while (await raised_and_cleared(with_history))[1] == 0:
        await score_live(with_history, day, HEALTHY)
        day += 1
        assert day < 90, "the episode never closed"
    risks = await with_history.fetch("SELECT risk FROM inference.predictions ORDER BY timestamp_s")
    calm = [risk < 0.7 * 0.3 for (risk,) in risks]
    assert all(calm[-7:])
    assert not calm[-8]
    await score_live(with_history, day, DYING)
    assert await raised_and_cleared(with_history) == (1, 1)
    await score_live(with_history, day + 8, DYING)
    assert await raised_and_cleared(with_history) == (2, 1)


async def test_a_risk_between_hysteresis_and_threshold_changes_nothing(with_history: Harness) -> None:
    with_history = with_history.with_settings(hysteresis=1e-6)
    await score_live(with_history, 40, DYING)
    for day in range(41, 50):
        await score_live(with_history, day, HEALTHY)
    assert await raised_and_cleared(with_history) == (1, 0)


async def test_a_late_reading_that_is_not_the_newest_raises_no_alert(with_history: Harness) -> None:
    await score_live(with_history, 42, HEALTHY)
    before = (await with_history.fetch("SELECT risk FROM inference.devices"))[0][0]
    with at_day(43):
        await with_history.process((1, 41, DYING))
    scores = await with_history.fetch("SELECT max(risk) FROM inference.predictions")
    newest = (await with_history.fetch("SELECT scored_s, newest_s, risk FROM inference.devices"))[0]
    assert scores[0][0] >= 0.3
    assert newest["scored_s"] == newest["newest_s"]
    raised = len(await with_history.emitted("alert.raised"))
    assert raised == (1 if newest["risk"] >= 0.3 else 0)
    assert before < 0.3


async def test_a_reading_whose_event_was_lost_and_comes_after_newer_ones_raises_its_alert(
    with_history: Harness,
) -> None:
    # Windows of later readings contain the lost one: their risk rises, and stays below this.
    await with_history.activate(await with_history.pack_model(day=2), sequence=2, threshold=0.9)
    with at_day(40):
        lost = batch((1, 40, DYING))
    for day in range(41, 47):
        await score_live(with_history, day, HEALTHY)
    assert await with_history.emitted("alert.raised") == []
    with at_day(46):
        for _ in range(2):
            await with_history.process_event(lost)
    (alert,) = await with_history.emitted("alert.raised")
    assert (alert["device_id"], alert["timestamp_s"]) == (1, lost.readings.timestamps_s[0])


AT_LIMIT = (*HEALTHY[:3], 2.6)
WAVERING = (*HEALTHY[:3], 2.635)  # over the limit, and not yet normal


async def test_a_hard_limit_raises_one_alert_that_ends_when_the_device_is_normal(with_history: Harness) -> None:
    for day in (40, 41):
        assert await score_live(with_history, day, AT_LIMIT) < 0.3
    assert await raised_and_cleared(with_history) == (0, 0)  # twice may be noise
    await score_live(with_history, 42, AT_LIMIT)
    for day in range(43, 50):
        await score_live(with_history, day, WAVERING if day % 2 else AT_LIMIT)
    assert await raised_and_cleared(with_history) == (1, 0)
    (alert,) = await with_history.emitted("alert.raised")
    assert alert["decided_by"] == "limit"
    assert alert["factors"][0]["text"].startswith(
        "battery voltage 2.60 V, was 2.78 V a month ago; elective replacement"
    )
    for day in range(50, 55):
        await score_live(with_history, day, HEALTHY)
        assert await raised_and_cleared(with_history) == (1, 0)
    for day in range(55, 57):
        await score_live(with_history, day, HEALTHY)
    assert await raised_and_cleared(with_history) == (1, 1)


async def test_a_hard_limit_in_an_episode_of_the_model_raises_no_second_alert(with_history: Harness) -> None:
    await score_live(with_history, 40, DYING)
    await score_live(with_history, 41, (*DYING[:3], 2.5))
    assert await raised_and_cleared(with_history) == (1, 0)


async def test_an_episode_of_the_model_stays_open_while_a_reading_is_at_a_hard_limit(with_history: Harness) -> None:
    await score_live(with_history, 40, DYING)
    for day in range(41, 75):
        last = await score_live(with_history, day, AT_LIMIT)
    assert last < 0.7 * 0.3
    assert await raised_and_cleared(with_history) == (1, 0)
    for day in range(75, 82):
        await score_live(with_history, day, HEALTHY)
    assert await raised_and_cleared(with_history) == (1, 1)


async def test_concurrent_batches_open_one_episode(with_history: Harness) -> None:
    other = with_history.new_process()
    rows = [(1, 40 + step / 100, DYING) for step in range(8)]
    await asyncio.gather(*((with_history, other)[i % 2].process(row) for i, row in enumerate(rows)))
    assert await raised_and_cleared(with_history) == (1, 0)


async def test_a_device_silent_for_the_horizon_is_listed_and_raises_no_alert(with_history: Harness) -> None:
    with at_day(48):
        await with_history.process((1, 40.9, DYING))
    assert (await with_history.fetch("SELECT level FROM inference.devices"))[0][0] == "high"
    assert await raised_and_cleared(with_history) == (0, 0)


async def test_backfill_raises_no_alert(with_history: Harness) -> None:
    await with_history.process((1, 41, DYING), mode=Mode.BACKFILL)
    assert await raised_and_cleared(with_history) == (0, 0)
    await with_history.rescore()
    assert await raised_and_cleared(with_history) == (0, 0)
