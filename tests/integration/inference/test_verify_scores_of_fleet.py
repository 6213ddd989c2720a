"""Ten thousand scores of a simulated fleet, with late readings and two models, are the same when computed again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from support.inference.harness import Harness, at_day
from support.inference.messages import envelope_of, telemetry_event
from support.inference.models import START_S

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.telemetry import Mode, TelemetryAccepted
from pacewatch.inference.jobs import verify_scores
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.simulator.day import ReadingLog
from pacewatch.simulator.fleet.fleet import Fleet

pytestmark = pytest.mark.servers

DEVICES, DAYS = 350, 36
SECOND_MODEL_DAY = 18


def daily_events() -> Iterator[tuple[int, list[TelemetryAccepted]]]:
    """The events of each day; a tenth of the readings arrive one to three days late, in batches of their own."""
    fleet = Fleet(DEVICES, START_S, 24.0, 11, refill=True)
    rng = np.random.default_rng(11)
    waiting: list[ReadingLog] = []
    for day in range(DAYS):
        readings = fleet.step().readings
        late = rng.random(len(readings)) < 0.1
        due = [*waiting, readings[~late]] if day % 3 == 0 else [readings[~late]]
        waiting = [readings[late]] if day % 3 == 0 else [*waiting, readings[late]]
        yield day, [telemetry_event(Mode.LIVE, distinct(part)) for part in due if len(part)]


def distinct(readings: ReadingLog) -> ReadingLog:
    """Sorted by device and time, each reading once, as ingest announces them."""
    order = np.lexsort((readings["timestamp_s"], readings["device_id"]))
    keys = np.stack([readings["device_id"], readings["timestamp_s"]])[:, order]
    return readings[order][np.append(True, (np.diff(keys) != 0).any(axis=0))]


async def score_fleet(harness: Harness) -> None:
    """Send the events to the real consumers of two processes in turn, with a second model after half of the days."""
    processes = [harness, harness.new_process()]
    for day, events in daily_events():
        with at_day(day + 1 - START_S % SECONDS_PER_DAY / SECONDS_PER_DAY):
            if day == SECOND_MODEL_DAY:
                await harness.activate(await harness.pack_model(day=2, random_state=2), sequence=2)
                await harness.rescore()
            for number, event in enumerate(events):
                assert await processes[(day + number) % 2].consumer().deliver(envelope_of(event)) is Verdict.DONE


async def test_ten_thousand_scores_are_the_same_to_the_last_bit(scoring: Harness) -> None:
    harness = scoring.with_settings(late_days=60)
    await score_fleet(harness)
    async with harness.database.transaction("inference") as session:
        as_of = datetime.fromtimestamp(START_S + 100 * SECONDS_PER_DAY, UTC)
        verification = await verify_scores.verify(session, harness.new_process().inference, as_of)
    query = "SELECT count(*), count(DISTINCT model_version) FROM inference.predictions"
    ((stored, models),) = await harness.fetch(query)
    assert (verification.mismatched, verification.pruned, verification.unnumbered, verification.unopened) == (
        0,
        0,
        0,
        0,
    )
    assert verification.checked == stored >= 10_000
    assert verification.superseded > 500
    assert models == 2
