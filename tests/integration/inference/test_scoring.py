"""Telemetry becomes predictions: once, with the same bits however it arrives."""

import asyncio
import random
from typing import Any

import orjson
import pytest
from integration.inference.conftest import World, batch
from support.models import DYING, HEALTHY, START_S, engine

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.errors import ForeignProfile
from pacewatch.inference.risk import repository as queries
from pacewatch.inference.windows import readings as window_readings
from pacewatch.kit import db
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix

pytestmark = pytest.mark.servers


def noisy(seed: int, base: tuple[float, ...] = HEALTHY) -> list[float]:
    source = random.Random(seed)
    return [value * source.gauss(1, 0.02) for value in base]


def history(devices: range, days: range, base: tuple[float, ...] = HEALTHY) -> list[tuple[int, float, list[float]]]:
    return [(device, day, noisy(1_000 * device + day, base)) for device in devices for day in days]


async def test_live_readings_are_scored_with_reasons_and_told(scoring_world: World) -> None:
    await scoring_world.take(*history(range(3), range(40)), mode=Mode.BACKFILL)
    assert await scoring_world.risks() == {}
    event = batch((0, 40, DYING), (1, 40, HEALTHY), (2, 40, HEALTHY))
    await scoring_world.handle(event)
    rows = await scoring_world.fetch("SELECT * FROM inference.predictions ORDER BY device_id")
    assert [row["device_id"] for row in rows] == [0, 1, 2]
    assert rows[0]["risk"] >= 0.3 > rows[1]["risk"]
    assert {row["batch_id"] for row in rows} == {event.batch_id}
    assert {row["feature_hash"] for row in rows} == {feature_set_hash(PACEMAKER)}
    (told,) = await scoring_world.emitted("risk.scored")
    assert (told["scored"], told["levels"]["high"], told["top"][0]["device_id"]) == (3, 1, 0)


async def test_without_an_active_model_readings_are_stored_and_nothing_else(world: World) -> None:
    await world.take((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert len(await world.fetch("SELECT FROM inference.readings")) == 2
    assert await world.risks() == {}
    assert await world.emitted("risk.scored") == []


async def test_a_device_without_history_is_not_scored_yet(scoring_world: World) -> None:
    await scoring_world.take((1, 0, DYING))
    assert await scoring_world.risks() == {}
    await scoring_world.take((1, 1, DYING))
    assert [key[1] for key in await scoring_world.risks()] == [START_S + SECONDS_PER_DAY]


async def test_the_same_rows_in_any_cut_and_order_give_the_same_bits(scoring_world: World) -> None:
    scoring_world = scoring_world.set(late_days=60)
    rows = history(range(4), range(45))
    await scoring_world.take(*rows)
    whole = await scoring_world.risks()
    await scoring_world.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    shuffled = random.Random(1).sample(rows, len(rows))
    for start in range(0, len(rows), 23):
        await scoring_world.take(*shuffled[start : start + 23])
    assert await scoring_world.risks() == whole
    assert len(whole) == 4 * 44


async def test_stored_risks_are_the_engines_own_bits(scoring_world: World) -> None:
    rows = history(range(2), range(40))
    await scoring_world.take(*rows)
    readings = window_readings.as_rows(batch(*rows).readings)
    matrix = predictor_matrix(
        PACEMAKER, Readings(readings.keys.device_ids, readings.keys.timestamps_s, readings.signals)
    )
    expected = dict(zip(readings.keys.pairs(), engine().predict_proba(matrix).tolist(), strict=True))
    risks = await scoring_world.risks()
    assert {key: expected[key] for key in risks} == risks


async def test_stored_reasons_are_the_engines_own_in_words(scoring_world: World) -> None:
    rows = history(range(2), range(40))
    await scoring_world.take(*rows)
    readings = window_readings.as_rows(batch(*rows).readings)
    matrix = predictor_matrix(
        PACEMAKER, Readings(readings.keys.device_ids, readings.keys.timestamps_s, readings.signals)
    )
    expected = dict(zip(readings.keys.pairs(), engine().score(matrix)[1], strict=True))
    told = await predictions(scoring_world, device=1)
    assert {(1, one["timestamp"]): one["factors"] for one in told} == {
        (1, one["timestamp"]): expected[1, one["timestamp"]] for one in told
    }
    assert len(told) == 30  # as far back as late readings are scored


async def predictions(world: World, device: int) -> list[dict[str, Any]]:
    async with world.database.transaction("inference") as session:
        connection = await db.driver(session)
        return (await queries.list_predictions(connection, PACEMAKER, device, (0, 2**40)))[0]


async def test_reasons_of_another_feature_set_are_told_by_the_names_of_its_model(scoring_world: World) -> None:
    await scoring_world.take(*history(range(1), range(3)))
    names = [*reversed(PACEMAKER.predictors[:-1]), "lead_temperature_rolling_mean_3d"]
    manifest = orjson.dumps({"features": names}).decode()
    await scoring_world.fetch(
        "UPDATE inference.models SET artifact = jsonb_set(artifact, '{manifest_json}', to_jsonb($1::text))", manifest
    )
    before = await predictions(scoring_world, device=0)
    last = len(names) - 1
    await scoring_world.fetch(
        "UPDATE inference.predictions SET feature_hash = 'older', reasons = ARRAY[0, 1.5, 0.2, $1, 36.6, 0.1]", last
    )
    assert {len(one["factors"]) for one in before} == {3}
    for one in await predictions(scoring_world, device=0):
        assert [(factor.name, factor.value) for factor in one["factors"]] == [(names[0], 1.5), (names[last], 36.6)]
        assert one["factors"][1].text == "lead temperature rolling mean 3d 36.6"


async def test_a_reading_later_than_readings_are_kept_is_stored_and_not_scored(scoring_world: World) -> None:
    await scoring_world.take(*history(range(1), range(10)), *history(range(1), range(70, 72)))
    before = await scoring_world.risks()
    await scoring_world.take((0, 20, HEALTHY))
    assert await scoring_world.risks() == before
    assert len(await scoring_world.fetch("SELECT FROM inference.readings")) == 13


async def test_a_late_reading_supersedes_the_scores_that_depend_on_it(scoring_world: World) -> None:
    rows = history(range(1), range(45))
    missing = rows.pop(30)
    await scoring_world.take(*rows)
    before = await scoring_world.risks()
    await scoring_world.take(missing)
    old = await scoring_world.fetch("SELECT timestamp_s FROM inference.predictions WHERE superseded_at IS NOT NULL")
    late_s = START_S + 30 * SECONDS_PER_DAY
    assert {row[0] for row in old} == {late_s + day * SECONDS_PER_DAY for day in range(1, 15)}
    after = await scoring_world.risks()
    assert set(after) == {*before, (0, late_s)}


async def test_history_that_arrives_after_a_live_reading_lets_it_be_scored(scoring_world: World) -> None:
    await scoring_world.take((1, 40, DYING))
    assert await scoring_world.risks() == {}
    await scoring_world.take(*history(range(1, 2), range(40)), mode=Mode.BACKFILL)
    assert [key[1] for key in await scoring_world.risks()] == [START_S + 40 * SECONDS_PER_DAY]
    assert len(await scoring_world.emitted("alert.raised")) == 1


async def test_a_row_that_comes_twice_is_scored_once(scoring_world: World) -> None:
    await scoring_world.take(*history(range(1), range(10)))
    before = await scoring_world.fetch("SELECT p::text FROM inference.predictions AS p")
    await scoring_world.take(*history(range(1), range(10)))
    assert await scoring_world.fetch("SELECT p::text FROM inference.predictions AS p") == before


async def test_handlers_that_share_devices_neither_deadlock_nor_lose_a_row(scoring_world: World) -> None:
    rows = random.Random(2).sample(history(range(40), range(12)), 480)
    parts = [rows[start::8] for start in range(8)]
    worlds = [scoring_world, scoring_world.again()]
    await asyncio.gather(*(worlds[i % 2].take(*part) for i, part in enumerate(parts)))
    together = await scoring_world.risks()
    newest = await scoring_world.fetch("SELECT device_id, scored_s, risk FROM inference.devices ORDER BY device_id")
    assert {(row[0], row[1]): row[2] for row in newest} == {
        key: together[key] for device in range(40) if (key := (device, START_S + 11 * SECONDS_PER_DAY))
    }
    await scoring_world.fetch("TRUNCATE inference.readings, inference.predictions, inference.devices")
    await scoring_world.take(*rows)
    assert await scoring_world.risks() == together


async def test_readings_of_another_fleet_are_refused(scoring_world: World) -> None:
    event = batch((1, 0, HEALTHY)).model_copy(update={"profile": "toaster"})
    with pytest.raises(ForeignProfile):
        await scoring_world.handle(event)
