"""Old readings go, and no score changes by it."""

import pytest
from integration.inference.conftest import World
from support.models import HEALTHY, START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.jobs import prune

pytestmark = pytest.mark.servers


async def test_each_device_keeps_what_its_own_newest_reading_needs(scoring_world: World) -> None:
    world = scoring_world.set(late_days=1)
    days = PACEMAKER.longest_window_days + 10
    await world.take(*((device, 1_000 * device + day, HEALTHY) for device in range(3) for day in range(days)))
    await prune.sweep(world.database, world.inference)
    left = await world.fetch(
        "SELECT device_id, min(timestamp_s), count(*) FROM inference.readings GROUP BY 1 ORDER BY 1"
    )
    kept = PACEMAKER.longest_window_days + 1
    expected = [(device, START_S + (1_000 * device + days - kept) * SECONDS_PER_DAY, kept) for device in range(3)]
    assert [tuple(row) for row in left] == expected


async def test_a_score_after_pruning_has_the_bits_of_one_before(scoring_world: World) -> None:
    days = PACEMAKER.longest_window_days + 40
    rows = [(1, day, [value * (1 + day % 7 / 100) for value in HEALTHY]) for day in range(days)]
    *past, last = rows
    await scoring_world.take(*past)
    await scoring_world.take(last)
    key = (1, START_S + (days - 1) * SECONDS_PER_DAY)
    expected = (await scoring_world.risks())[key]
    await scoring_world.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    await scoring_world.take(*past)
    await prune.sweep(scoring_world.database, scoring_world.set(late_days=1).inference)
    assert len(await scoring_world.fetch("SELECT FROM inference.readings")) < len(past)
    await scoring_world.take(last)
    assert (await scoring_world.risks())[key] == expected
