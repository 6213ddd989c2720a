"""Stored scores can be had again, superseded ones too; one that cannot is named."""

import random
from datetime import UTC, datetime

import pytest
from integration.inference.conftest import World, at_day
from integration.inference.test_scoring import history
from support.models import START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.jobs import verify_scores
from pacewatch.inference.jobs.verify_scores import Account
from pacewatch.launcher.operations.verify_scores import moment, replay_scores

pytestmark = pytest.mark.servers


async def replayed(world: World, day: float = 100) -> Account:
    as_of = datetime.fromtimestamp(START_S + day * SECONDS_PER_DAY, UTC)
    fresh = world.again()
    async with world.database.transaction("inference") as session:
        return await verify_scores.replay(session, fresh.inference, as_of)


async def live(world: World) -> None:
    """Twenty devices, forty days; some days late, in any order, and another model half-way."""
    rows = random.Random(4).sample(history(range(20), range(40)), 800)
    for start in range(0, 400, 50):
        await world.take(*rows[start : start + 50])
    await world.activate(await world.pack(day=2, random_state=2), sequence=2)
    await world.rescore()
    for start in range(400, 800, 50):
        await world.take(*rows[start : start + 50], mode=random.Random(start).choice(list(Mode)))


async def test_scores_come_again_to_the_last_bit_with_what_was_known(scoring_world: World) -> None:
    world = scoring_world.set(late_days=60)
    await live(world)
    account = await replayed(world)
    stored = await world.fetch("SELECT count(*) FROM inference.predictions")
    assert account.checked == stored[0][0] > 800
    assert account.superseded > 300
    assert (account.mismatched, account.pruned, account.unnumbered, account.unopened) == (0, 0, 0, 0)


async def test_a_changed_score_or_reading_is_named(scoring_world: World) -> None:
    await scoring_world.take(*history(range(3), range(20)))
    await scoring_world.fetch("UPDATE inference.predictions SET risk = risk + 1e-16 WHERE device_id = 1")
    wrong = await replayed(scoring_world)
    assert wrong.checked == 3 * 19
    assert {one["device_id"] for one in wrong.mismatches} == {1}
    await scoring_world.fetch("UPDATE inference.predictions SET risk = risk / 2 WHERE device_id = 2")
    assert (await replayed(scoring_world)).mismatched > wrong.mismatched


async def test_later_scores_are_left_out(scoring_world: World) -> None:
    await scoring_world.take(*history(range(2), range(20)))
    with at_day(50):
        await scoring_world.take(*history(range(2), range(20, 22)))
    assert (await replayed(scoring_world, day=45)).checked == 2 * 19
    assert (await replayed(scoring_world, day=55)).checked == 2 * 21


async def test_what_cannot_be_computed_again_is_counted(scoring_world: World) -> None:
    await scoring_world.take(*history(range(2), range(20)))
    world = scoring_world.set(late_days=10)
    await world.fetch("UPDATE inference.predictions SET known_batch = NULL WHERE device_id = 0")
    account = await replayed(world)
    assert (account.checked, account.unnumbered, account.pruned) == (10, 10, 18)
    await world.fetch("UPDATE inference.models SET artifact = jsonb_set(artifact, '{uri}', '\"file:///gone\"')")
    assert (await replayed(world)).unopened == 10


async def test_the_command_finds_everything_by_the_settings(scoring_world: World) -> None:
    await scoring_world.take(*history(range(2), range(20)))
    account = await replay_scores(scoring_world.settings, moment("2100-01-01"))
    assert (account["checked"], account["mismatched"]) == (2 * 19, 0)
