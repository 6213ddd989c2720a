"""Stored scores, superseded ones too, are computed again with the same bits; mismatches are listed."""

import random
from datetime import UTC, datetime

import pytest
from support.inference.harness import Harness, at_day, daily_rows
from support.inference.models import START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.jobs import verify_scores
from pacewatch.inference.jobs.verify_scores import Verification
from pacewatch.launcher.operations.verify_scores import parse_time, verify_stored_scores

pytestmark = pytest.mark.servers


async def verify(harness: Harness, day: float = 100) -> Verification:
    as_of = datetime.fromtimestamp(START_S + day * SECONDS_PER_DAY, UTC)
    async with harness.database.transaction("inference") as session:
        return await verify_scores.verify(session, harness.new_process().inference, as_of)


async def score_fleet(harness: Harness) -> None:
    """Twenty devices, forty days, in any order, with another model after half of the rows."""
    rows = random.Random(4).sample(daily_rows(range(20), range(40)), 800)
    for start in range(0, 400, 50):
        await harness.process(*rows[start : start + 50])
    await harness.activate(await harness.pack_model(day=2, random_state=2), sequence=2)
    await harness.rescore()
    for start in range(400, 800, 50):
        await harness.process(*rows[start : start + 50], mode=random.Random(start).choice(list(Mode)))


async def test_scores_are_the_same_to_the_last_bit_from_the_readings_known_then(scoring: Harness) -> None:
    harness = scoring.with_settings(late_days=60)
    await score_fleet(harness)
    verification = await verify(harness)
    stored = await harness.fetch("SELECT count(*) FROM inference.predictions")
    assert verification.checked == stored[0][0] > 800
    assert verification.superseded > 300
    assert (verification.mismatched, verification.pruned, verification.unnumbered, verification.unopened) == (
        0,
        0,
        0,
        0,
    )


async def test_a_changed_score_is_listed(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(3), range(20)))
    await scoring.fetch("UPDATE inference.predictions SET risk = risk + 1e-16 WHERE device_id = 1")
    first = await verify(scoring)
    assert first.checked == 3 * 20
    assert {one["device_id"] for one in first.mismatches} == {1}
    await scoring.fetch("UPDATE inference.predictions SET risk = risk / 2 WHERE device_id = 2")
    assert (await verify(scoring)).mismatched > first.mismatched


@pytest.mark.parametrize("change", ["verdict = 2", "facts[2] = facts[2] + 1e-9", "facts[5] = 1.0"])
async def test_a_changed_verdict_or_fact_is_listed(scoring: Harness, change: str) -> None:
    await scoring.process(*daily_rows(range(2), range(20)))
    await scoring.fetch(f"UPDATE inference.predictions SET {change} WHERE device_id = 1")
    assert {one["device_id"] for one in (await verify(scoring)).mismatches} == {1}


async def test_scores_of_a_release_without_facts_are_verified_by_their_risk(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(2), range(20)))
    await scoring.fetch("UPDATE inference.predictions SET verdict = NULL, facts = NULL, reasons = '{}'")
    verification = await verify(scoring)
    assert (verification.checked, verification.mismatched) == (2 * 20, 0)


async def test_scores_after_the_given_time_are_not_verified(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(2), range(20)))
    with at_day(50):
        await scoring.process(*daily_rows(range(2), range(20, 22)))
    assert (await verify(scoring, day=45)).checked == 2 * 20
    assert (await verify(scoring, day=55)).checked == 2 * 22


async def test_scores_that_cannot_be_computed_again_are_counted(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(2), range(20)))
    harness = scoring.with_settings(late_days=10)
    await harness.fetch("UPDATE inference.predictions SET known_batch = NULL WHERE device_id = 0")
    verification = await verify(harness)
    assert (verification.checked, verification.unnumbered, verification.pruned) == (10, 10, 20)
    await harness.fetch("UPDATE inference.models SET artifact = jsonb_set(artifact, '{uri}', '\"file:///gone\"')")
    assert (await verify(harness)).unopened == 10


async def test_the_command_verifies_the_deployment_of_the_settings(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(2), range(20)))
    verification = await verify_stored_scores(scoring.settings, parse_time("2100-01-01"))
    assert (verification["checked"], verification["mismatched"]) == (2 * 20, 0)
