"""Live readings that arrive while no model can be opened are scored, and alerted on, when one can."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.inference.harness import Harness, Row, at_day, daily_rows, noisy
from support.inference.models import DYING, HEALTHY, START_S, forged

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.errors import NoUsableModel
from pacewatch.inference.models import readiness
from pacewatch.inference.models.loader import ModelLoader

pytestmark = pytest.mark.servers

# Below the risk of a dying device, and above that of one that sends good values again.
OVER = 0.8
MARKED = "SELECT device_id FROM inference.devices WHERE unscored_since_s IS NOT NULL ORDER BY device_id"


@contextmanager
def unreadable(harness: Harness) -> Iterator[Harness]:
    """A new process of inference that finds no artifact until the block ends."""
    folder = Path(urlsplit(harness.settings.artifact_url).path)
    away = folder.rename(folder.with_name("away"))
    try:
        yield harness.new_process()
    finally:
        away.rename(folder)


async def test_twenty_crossings_without_a_model_raise_twenty_alerts_when_it_opens(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(40), range(40)), mode=Mode.BACKFILL)
    with unreadable(scoring) as process:
        for device in range(40):
            await process.process((device, 40, DYING if device < 20 else HEALTHY))
        await process.rescore()
        assert await process.current_risks() == {}
        assert [row[0] for row in await process.fetch(MARKED)] == list(range(40))
    await process.rescore()
    assert len(await process.current_risks()) == 40
    assert await process.fetch(MARKED) == []
    raised = [alert["device_id"] for alert in await process.emitted("alert.raised")]
    assert sorted(raised) == list(range(20))
    await process.rescore()
    assert len(await process.fetch("SELECT FROM inference.predictions")) == 40


async def test_scores_are_those_of_a_model_that_was_always_there(scoring: Harness) -> None:
    rows = [row for row in daily_rows(range(6), range(45)) if row[1] != 20 or row[0] % 2]
    late = [(device, 36, noisy(device)) for device in (0, 2)]
    rows = [row for row in rows if (row[0], row[1]) not in {(0, 36), (2, 36)}]
    chance = random.Random(3)
    await scoring.process(*(row for row in rows if row[1] < 35), mode=Mode.BACKFILL)
    batches = [[row for row in rows if row[1] == day] for day in range(35, 42)] + [[row] for row in late]
    for batch in batches:
        await scoring.process(*batch)
    always = await scoring.current_risks()
    await scoring.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices, inference.episodes")
    await scoring.process(*(row for row in rows if row[1] < 35), mode=Mode.BACKFILL)
    for batch in batches:
        if chance.random() < 0.5:
            with unreadable(scoring) as process:
                await process.process(*batch)
        else:
            await scoring.process(*batch)
            if chance.random() < 0.3:
                await scoring.rescore()
    await scoring.rescore()
    assert await scoring.current_risks() == always


async def test_a_crossing_that_is_over_when_the_model_opens_still_raises_one_alert(scoring: Harness) -> None:
    scoring = scoring.with_settings(hysteresis=0.9)
    await scoring.activate(await scoring.pack_model(), sequence=2, threshold=OVER)
    await scoring.process(*daily_rows(range(2), range(34)), mode=Mode.BACKFILL)
    with unreadable(scoring) as process:
        await process.process((0, 34.2, DYING), (1, 34.2, HEALTHY))
        await process.process((0, 34.4, DYING), (1, 34.4, HEALTHY))
    await scoring.process(*daily_rows(range(2), range(35, 40)), mode=Mode.BACKFILL)
    await scoring.process((0, 40, HEALTHY), (1, 40, HEALTHY))
    assert await scoring.emitted("alert.raised") == []
    await scoring.rescore()
    (alert,) = await scoring.emitted("alert.raised")
    assert (alert["device_id"], alert["timestamp_s"]) == (0, START_S + int(34.4 * SECONDS_PER_DAY))
    assert await scoring.emitted("alert.cleared") == []
    await scoring.process((0, 41.5, HEALTHY))
    assert len(await scoring.emitted("alert.cleared")) == 1


async def test_a_reading_that_was_late_when_it_arrived_raises_no_alert(scoring: Harness) -> None:
    await scoring.activate(await scoring.pack_model(), sequence=2, threshold=OVER)
    days = [*range(34), *range(35, 40)]
    await scoring.process(*(row for row in daily_rows(range(1), range(40)) if row[1] in days), mode=Mode.BACKFILL)
    await scoring.process((0, 40, HEALTHY))
    with unreadable(scoring) as process:
        await process.process((0, 34.4, DYING))
    await scoring.rescore()
    assert (await scoring.current_risks())[0, START_S + int(34.4 * SECONDS_PER_DAY)] > OVER
    assert await scoring.emitted("alert.raised") == []


async def test_readings_older_than_the_horizon_stay_unscored_except_the_newest(harness: Harness) -> None:
    rows: list[Row] = daily_rows(range(1), range(40))
    for row in rows:
        await harness.process(row)
    await harness.process(*daily_rows(range(1, 2), range(20)))
    await harness.activate(await harness.pack_model())
    await harness.rescore()
    days = {(device, (second - START_S) // SECONDS_PER_DAY) for device, second in await harness.current_risks()}
    assert days == {(0, day) for day in range(35, 40)} | {(1, 19)}


async def test_one_process_scores_what_another_could_not(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(40)), mode=Mode.BACKFILL)
    with unreadable(scoring) as process:
        await process.process((0, 40, DYING))
        await scoring.rescore()
    assert len(await scoring.emitted("alert.raised")) == 1


async def test_an_artifact_that_did_not_open_is_tried_again_after_a_second_then_less_often(scoring: Harness) -> None:
    models = scoring.inference.models
    loader = ModelLoader(models.profile, models.blobs, models.public_keys, retry_s=3)
    process = replace(scoring, inference=replace(scoring.inference, models=loader))
    with unreadable(scoring):
        for pause_s in (1, 2, 3, 3):
            await process.rescore()
            (retry,) = loader._retries.values()
            assert retry.pause_s == pause_s
            loader._retries = {key: replace(one, due_s=time.monotonic()) for key, one in loader._retries.items()}
    began_s = time.monotonic()
    loader._retries = {key: replace(one, due_s=began_s + 0.2) for key, one in loader._retries.items()}
    while not loader.scoring:
        await process.rescore()
    assert time.monotonic() - began_s >= 0.2
    assert loader._retries == {}


async def test_readiness_says_whether_there_is_a_model(harness: Harness) -> None:
    models = harness.inference.models
    assert await readiness.check(harness.database, models) == readiness.NONE_YET
    model = await harness.pack_model()
    await harness.activate(forged(model))
    with pytest.raises(NoUsableModel, match=rf"no model: {model.version} cannot be opened \(it was not opened yet\)"):
        await readiness.check(harness.database, models)
    await harness.rescore()
    with pytest.raises(NoUsableModel, match="signature_invalid"):
        await readiness.check(harness.database, models)
    await harness.activate(model, sequence=2)
    await harness.rescore()
    assert await readiness.check(harness.database, models) == ""


async def test_readiness_remarks_that_not_the_active_model_scores(scoring: Harness) -> None:
    await scoring.rescore()
    before, models = scoring.inference.models.scoring, scoring.inference.models
    later = await scoring.pack_model(day=2, random_state=2)
    await scoring.activate(forged(later), sequence=2)
    await scoring.rescore()
    remark = await readiness.check(scoring.database, models)
    assert (
        remark
        == f"{later.version} cannot be opened (signature_invalid): {before}, which was active before, still scores"
    )
    await scoring.activate(later, sequence=3)
    await scoring.rescore()
    assert await readiness.check(scoring.database, models) == ""


async def test_a_marked_device_is_unmarked_only_with_its_scores(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(40)), mode=Mode.BACKFILL)
    with unreadable(scoring) as process:
        await process.process((0, 40, DYING))
    await scoring.fetch("ALTER TABLE inference.predictions ADD CONSTRAINT refused CHECK (timestamp_s < 0) NOT VALID")
    try:
        with pytest.raises(Exception, match="refused"):
            await scoring.rescore()
    finally:
        await scoring.fetch("ALTER TABLE inference.predictions DROP CONSTRAINT refused")
    assert len(await scoring.fetch(MARKED)) == 1
    with at_day(41.1):
        await scoring.rescore()
    assert len(await scoring.emitted("alert.raised")) == 1
