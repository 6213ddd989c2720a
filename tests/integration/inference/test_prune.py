"""Old readings are pruned, and no score changes by it."""

import pytest
from support.inference.harness import Harness
from support.inference.models import HEALTHY, START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.jobs import prune

pytestmark = pytest.mark.servers


async def test_each_device_keeps_the_readings_that_its_newest_reading_needs(scoring: Harness) -> None:
    harness = scoring.with_settings(late_days=1)
    days = PACEMAKER.longest_window_days + 10
    await harness.process(*((device, 1_000 * device + day, HEALTHY) for device in range(3) for day in range(days)))
    await prune.prune_fleet(harness.database, harness.inference)
    left = await harness.fetch(
        "SELECT device_id, min(timestamp_s), count(*) FROM inference.readings GROUP BY 1 ORDER BY 1"
    )
    kept = PACEMAKER.longest_window_days + 1
    expected = [(device, START_S + (1_000 * device + days - kept) * SECONDS_PER_DAY, kept) for device in range(3)]
    assert [tuple(row) for row in left] == expected


async def test_a_score_after_pruning_has_the_same_bits(scoring: Harness) -> None:
    days = PACEMAKER.longest_window_days + 40
    rows = [(1, day, [value * (1 + day % 7 / 100) for value in HEALTHY]) for day in range(days)]
    *past, last = rows
    await scoring.process(*past)
    await scoring.process(last)
    key = (1, START_S + (days - 1) * SECONDS_PER_DAY)
    expected = (await scoring.current_risks())[key]
    await scoring.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    await scoring.process(*past)
    await prune.prune_fleet(scoring.database, scoring.with_settings(late_days=1).inference)
    assert len(await scoring.fetch("SELECT FROM inference.readings")) < len(past)
    await scoring.process(last)
    assert (await scoring.current_risks())[key] == expected
