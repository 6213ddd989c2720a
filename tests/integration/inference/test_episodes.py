"""An alert episode is told of once, ends well below the threshold, and does not begin again at once."""

import asyncio

import pytest
from integration.inference.conftest import World, at_day
from support.inference.models import DYING, HEALTHY

from pacewatch.contracts.telemetry import Mode

pytestmark = pytest.mark.servers


@pytest.fixture
async def watched(scoring_world: World) -> World:
    """Device 1 has forty healthy days behind it."""
    await scoring_world.take(*((1, day, HEALTHY) for day in range(40)), mode=Mode.BACKFILL)
    return scoring_world


async def live(world: World, day: int, values: tuple[float, ...]) -> float:
    """One reading of device 1 at that day of fleet time; its risk."""
    with at_day(day):
        await world.take((1, day, values))
    ((risk,),) = await world.fetch("SELECT risk FROM inference.devices WHERE device_id = 1")
    return risk


async def counts(world: World) -> tuple[int, int]:
    return len(await world.emitted("alert.raised")), len(await world.emitted("alert.cleared"))


async def test_a_danger_that_lasts_is_told_of_once(watched: World) -> None:
    for day in range(40, 44):
        assert await live(watched, day, DYING) >= 0.3
    (told,) = await watched.emitted("alert.raised")
    ((episode,),) = await watched.fetch("SELECT id FROM inference.episodes")
    assert told["alert_id"] == str(episode)
    assert (told["device_id"], len(told["factors"])) == (1, 3)
    assert list(told["signals"].values()) == list(DYING)


async def test_the_episode_ends_when_the_danger_is_well_over_and_rests_before_the_next(watched: World) -> None:
    await live(watched, 40, DYING)
    day = 41
    while (await counts(watched))[1] == 0:
        await live(watched, day, HEALTHY)
        day += 1
        assert day < 90, "the episode never ended"
    await live(watched, day, DYING)
    assert await counts(watched) == (1, 1)
    await live(watched, day + 8, DYING)
    assert await counts(watched) == (2, 1)


async def test_a_risk_between_the_two_limits_changes_nothing(watched: World) -> None:
    watched = watched.set(hysteresis=1e-6)
    await live(watched, 40, DYING)
    for day in range(41, 50):
        await live(watched, day, HEALTHY)
    assert await counts(watched) == (1, 0)


async def test_a_reading_that_is_not_the_newest_raises_no_alert(watched: World) -> None:
    await live(watched, 42, HEALTHY)
    before = (await watched.fetch("SELECT risk FROM inference.devices"))[0][0]
    await watched.take((1, 41, DYING))
    scores = await watched.fetch("SELECT max(risk) FROM inference.predictions")
    newest = (await watched.fetch("SELECT scored_s, newest_s, risk FROM inference.devices"))[0]
    assert scores[0][0] >= 0.3
    assert newest["scored_s"] == newest["newest_s"]
    raised = len(await watched.emitted("alert.raised"))
    assert raised == (1 if newest["risk"] >= 0.3 else 0)
    assert before < 0.3


async def test_handlers_at_the_same_moment_open_one_episode(watched: World) -> None:
    other = watched.again()
    rows = [(1, 40 + step / 100, DYING) for step in range(8)]
    await asyncio.gather(*((watched, other)[i % 2].take(row) for i, row in enumerate(rows)))
    assert await counts(watched) == (1, 0)


async def test_a_device_long_silent_is_ranked_and_raises_no_alert(watched: World) -> None:
    with at_day(48):
        await watched.take((1, 40.9, DYING))
    assert (await watched.fetch("SELECT level FROM inference.devices"))[0][0] == "high"
    assert await counts(watched) == (0, 0)


async def test_backfill_never_alerts(watched: World) -> None:
    await watched.take((1, 41, DYING), mode=Mode.BACKFILL)
    assert await counts(watched) == (0, 0)
    await watched.rescore()
    assert await counts(watched) == (0, 0)
