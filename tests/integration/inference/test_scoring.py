"""Readings are scored once, with the same bits in any order and any batches."""

import asyncio
import random
from typing import Any

import orjson
import pytest
from support.inference.harness import Harness, at_day, batch, daily_rows
from support.inference.models import DYING, HEALTHY, START_S, engine

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.risk import repository
from pacewatch.inference.scoring import scorer
from pacewatch.inference.scoring.levels import Verdict
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit import db
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix
from pacewatch.ml.features.register import UNKNOWN
from pacewatch.ml.models.factors import to_factors

pytestmark = pytest.mark.servers


async def test_live_readings_are_scored_and_announced(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(3), range(40)), mode=Mode.BACKFILL)
    assert await scoring.current_risks() == {}
    event = batch((0, 40, DYING), (1, 40, HEALTHY), (2, 40, HEALTHY))
    await scoring.process_event(event)
    rows = await scoring.fetch("SELECT * FROM inference.predictions ORDER BY device_id")
    assert [row["device_id"] for row in rows] == [0, 1, 2]
    assert rows[0]["risk"] >= 0.3 > rows[1]["risk"]
    assert {row["batch_id"] for row in rows} == {event.batch_id}
    assert {row["feature_hash"] for row in rows} == {feature_set_hash(PACEMAKER)}
    (announced,) = await scoring.emitted("risk.scored")
    assert (announced["scored"], announced["levels"]["high"], announced["top"][0]["device_id"]) == (3, 1, 0)


async def test_without_an_active_model_readings_are_only_stored(harness: Harness) -> None:
    await harness.process((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert len(await harness.fetch("SELECT FROM inference.readings")) == 2
    assert await harness.current_risks() == {}
    assert await harness.emitted("risk.scored") == []


async def test_first_readings_are_scored_and_have_no_level_before_the_least_history(scoring: Harness) -> None:
    await scoring.activate(await scoring.pack_model(), sequence=2, threshold=0.1)
    for day in range(4):
        with at_day(day):
            await scoring.process((1, day, DYING))
    stored = await scoring.fetch("SELECT verdict FROM inference.predictions ORDER BY timestamp_s")
    assert [row[0] for row in stored] == [Verdict.NO_HISTORY] * 3 + [Verdict.HIGH]
    assert [alert["timestamp_s"] for alert in await scoring.emitted("alert.raised")] == [START_S + 3 * SECONDS_PER_DAY]
    announced = [(sum(event["levels"].values()), len(event["top"])) for event in await scoring.emitted("risk.scored")]
    assert announced == [(0, 0)] * 3 + [(1, 1)]


async def test_a_first_reading_at_a_hard_limit_raises_an_alert(scoring: Harness) -> None:
    with at_day(0):
        await scoring.process((1, 0, (*HEALTHY[:3], 2.5)))
    ((level, decided_by),) = await scoring.fetch("SELECT level, decided_by FROM inference.devices")
    assert (level, decided_by) == ("high", "limit")
    (alert,) = await scoring.emitted("alert.raised")
    assert (alert["decided_by"], alert["risk"] < alert["threshold"]) == ("limit", True)


async def test_the_same_readings_in_any_batches_and_order_give_the_same_bits(scoring: Harness) -> None:
    scoring = scoring.with_settings(late_days=60)
    rows = daily_rows(range(4), range(45))
    await scoring.process(*rows)
    whole = await scoring.current_risks()
    await scoring.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    shuffled = random.Random(1).sample(rows, len(rows))
    for start in range(0, len(rows), 23):
        await scoring.process(*shuffled[start : start + 23])
    assert await scoring.current_risks() == whole
    assert len(whole) == 4 * 45


async def test_stored_risks_have_the_bits_of_the_engine(scoring: Harness) -> None:
    rows = daily_rows(range(2), range(40))
    await scoring.process(*rows)
    readings = readings_table.from_event(PACEMAKER, batch(*rows).readings)
    predictors = predictor_matrix(PACEMAKER, readings)
    expected = dict(zip(readings.pairs(), engine().predict_proba(predictors).tolist(), strict=True))
    risks = await scoring.current_risks()
    assert {key: expected[key] for key in risks} == risks


async def test_facts_of_a_stored_score_are_those_of_the_engine(scoring: Harness) -> None:
    rows = daily_rows(range(2), range(40))
    await scoring.process(*rows)
    readings = readings_table.from_event(PACEMAKER, batch(*rows).readings)
    _, explain = scorer.score(engine(), 0.3, readings, readings.keys, UNKNOWN)
    expected = dict(zip(readings.pairs(), to_factors(PACEMAKER, explain()), strict=True))
    stored = await predictions(scoring, device=1)
    assert {(1, one["timestamp"]): one["factors"] for one in stored} == {
        (1, one["timestamp"]): expected[1, one["timestamp"]] for one in stored
    }
    assert len(stored) == 30  # late readings are scored as far back
    assert any(one["factors"] for one in stored)


async def predictions(harness: Harness, device: int) -> list[dict[str, Any]]:
    async with harness.database.transaction("inference") as session:
        connection = await db.driver(session)
        return (await repository.list_predictions(connection, PACEMAKER, device, (0, 2**40)))[0]


async def test_factors_of_an_earlier_release_have_the_names_in_its_manifest(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(3)))
    names = [*reversed(PACEMAKER.predictors[:-1]), "lead_temperature_rolling_mean_3d"]
    manifest = orjson.dumps({"features": names}).decode()
    await scoring.fetch(
        "UPDATE inference.models SET artifact = jsonb_set(artifact, '{manifest_json}', to_jsonb($1::text))", manifest
    )
    last = len(names) - 1
    await scoring.fetch(
        """UPDATE inference.predictions
        SET feature_hash = 'older', facts = NULL, reasons = ARRAY[0, 1.5, 0.2, $1, 36.6, 0.1]""",
        last,
    )
    for one in await predictions(scoring, device=0):
        assert [(factor.name, factor.value) for factor in one["factors"]] == [(names[0], 1.5), (names[last], 36.6)]
        assert one["factors"][1].text == "lead temperature rolling mean 3d 36.6"


async def test_a_reading_too_late_for_its_window_is_stored_and_not_scored(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(10)), *daily_rows(range(1), range(70, 72)))
    before = await scoring.current_risks()
    await scoring.process((0, 20, HEALTHY))
    assert await scoring.current_risks() == before
    assert len(await scoring.fetch("SELECT FROM inference.readings")) == 13


async def test_a_late_reading_supersedes_the_scores_that_depend_on_it(scoring: Harness) -> None:
    rows = daily_rows(range(1), range(45))
    missing = rows.pop(30)
    await scoring.process(*rows)
    before = await scoring.current_risks()
    await scoring.process(missing)
    old = await scoring.fetch("SELECT timestamp_s FROM inference.predictions WHERE superseded_at IS NOT NULL")
    late_s = START_S + 30 * SECONDS_PER_DAY
    assert {row[0] for row in old} == {late_s + day * SECONDS_PER_DAY for day in range(1, 15)}
    after = await scoring.current_risks()
    assert set(after) == {*before, (0, late_s)}


async def test_a_live_reading_has_a_level_when_its_history_arrives_later(scoring: Harness) -> None:
    await scoring.process((1, 40, DYING))
    assert await scoring.emitted("alert.raised") == []
    await scoring.process(*daily_rows(range(1, 2), range(40)), mode=Mode.BACKFILL)
    assert [key[1] for key in await scoring.current_risks()] == [START_S + 40 * SECONDS_PER_DAY]
    assert len(await scoring.emitted("alert.raised")) == 1


async def test_a_repeated_reading_is_scored_once(scoring: Harness) -> None:
    await scoring.process(*daily_rows(range(1), range(10)))
    before = await scoring.fetch("SELECT p::text FROM inference.predictions AS p")
    await scoring.process(*daily_rows(range(1), range(10)))
    assert await scoring.fetch("SELECT p::text FROM inference.predictions AS p") == before


async def test_concurrent_batches_of_the_same_devices_neither_deadlock_nor_lose_a_reading(scoring: Harness) -> None:
    rows = random.Random(2).sample(daily_rows(range(40), range(12)), 480)
    parts = [rows[start::8] for start in range(8)]
    processes = [scoring, scoring.new_process()]
    await asyncio.gather(*(processes[i % 2].process(*part) for i, part in enumerate(parts)))
    together = await scoring.current_risks()
    newest = await scoring.fetch("SELECT device_id, scored_s, risk FROM inference.devices ORDER BY device_id")
    assert {(row[0], row[1]): row[2] for row in newest} == {
        key: together[key] for device in range(40) if (key := (device, START_S + 11 * SECONDS_PER_DAY))
    }
    await scoring.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    await scoring.process(*rows)
    assert await scoring.current_risks() == together


async def test_readings_of_another_profile_are_refused(scoring: Harness) -> None:
    event = batch((1, 0, HEALTHY)).model_copy(update={"profile": "toaster"})
    with pytest.raises(ForeignProfile):
        await scoring.process_event(event)
