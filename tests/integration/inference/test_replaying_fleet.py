"""Ten thousand scores of a fleet as it lives, late rows and two models included, come again to the last bit."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from integration.inference.conftest import World, at_day
from integration.inference.test_delivery import consumer, enveloped
from support.models import START_S
from support.scoring_speed import event

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference.jobs import verify_scores
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.simulator.day import ReadingLog
from pacewatch.simulator.fleet.fleet import Fleet

pytestmark = pytest.mark.servers

DEVICES, DAYS = 350, 36
ANOTHER_MODEL_ON = 18


def reported() -> Iterator[tuple[int, list[TelemetryAccepted]]]:
    """What each day brings: a tenth of its readings one to three days later, in batches of their own."""
    fleet = Fleet(DEVICES, START_S, 24.0, 11, refill=True)
    rng = np.random.default_rng(11)
    waiting: list[ReadingLog] = []
    for day in range(DAYS):
        readings = fleet.step().readings
        late = rng.random(len(readings)) < 0.1
        due = [*waiting, readings[~late]] if day % 3 == 0 else [readings[~late]]
        waiting = [readings[late]] if day % 3 == 0 else [*waiting, readings[late]]
        yield day, [event(Mode.LIVE, distinct(part)) for part in due if len(part)]


def distinct(readings: ReadingLog) -> ReadingLog:
    """By device and time, each reading once, as ingest passes them on."""
    order = np.lexsort((readings["timestamp_s"], readings["device_id"]))
    keys = np.stack([readings["device_id"], readings["timestamp_s"]])[:, order]
    return readings[order][np.append(True, (np.diff(keys) != 0).any(axis=0))]


async def lived(world: World) -> None:
    """The fleet's days through the real consumer of two processes in turn, with a second model half-way."""
    processes = [world, world.again()]
    for day, batches in reported():
        with at_day(day + 1 - START_S % SECONDS_PER_DAY / SECONDS_PER_DAY):
            if day == ANOTHER_MODEL_ON:
                await world.activate(await world.pack(day=2, random_state=2), sequence=2)
                await world.rescore()
            for number, one in enumerate(batches):
                assert await consumer(processes[(day + number) % 2]).deliver(enveloped(one)) is Verdict.DONE


async def test_ten_thousand_scores_of_a_living_fleet_come_again_to_the_last_bit(scoring_world: World) -> None:
    world = scoring_world.set(late_days=60)
    await lived(world)
    async with world.database.transaction("inference") as session:
        as_of = datetime.fromtimestamp(START_S + 100 * SECONDS_PER_DAY, UTC)
        account = await verify_scores.replay(session, world.again().inference, as_of)
    query = "SELECT count(*), count(DISTINCT model_version) FROM inference.predictions"
    ((stored, models),) = await world.fetch(query)
    assert (account.mismatched, account.pruned, account.unnumbered, account.unopened) == (0, 0, 0, 0)
    assert account.checked == stored >= 10_000
    assert account.superseded > 1_000
    assert models == 2
