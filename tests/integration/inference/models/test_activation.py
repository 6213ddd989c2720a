"""Which model scores: the activation with the highest sequence whose artifact can be verified and opened."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY
from support.inference.harness import Harness, at_day
from support.inference.models import DYING, EARLIER, HEALTHY, Packed, engine, forged, pack

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.inference.risk import repository
from pacewatch.kit import db
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix

pytestmark = pytest.mark.servers


async def store_history(harness: Harness, devices: int = 3) -> None:
    rows = [(device, day, HEALTHY) for device in range(devices) for day in range(40)]
    await harness.process(*rows, mode=Mode.BACKFILL)


async def versions(harness: Harness) -> set[str]:
    return {row[0] for row in await harness.fetch("SELECT model_version FROM inference.devices")}


async def test_the_first_activation_scores_newest_readings_and_may_raise_an_alert(harness: Harness) -> None:
    await store_history(harness)
    await harness.process((1, 40, DYING))
    model = await harness.pack_model()
    await harness.activate(model)
    await harness.with_settings(rescore_devices=2).rescore()
    assert await versions(harness) == {model.version}
    assert len(await harness.current_risks()) == 3
    assert [alert["device_id"] for alert in await harness.emitted("alert.raised")] == [1]
    assert sum(event["scored"] for event in await harness.emitted("risk.scored")) == 3


DEVICES = "SELECT device_id, risk, level, model_version FROM inference.devices ORDER BY 1"


async def test_an_activation_moves_no_level_and_counts_what_the_next_readings_will(scoring: Harness) -> None:
    await store_history(scoring, devices=4)
    await scoring.process(*((device, 40, DYING if device == 3 else HEALTHY) for device in range(4)))
    before = await scoring.fetch(DEVICES)
    assert [row["level"] for row in before] == ["normal", "normal", "normal", "high"]
    second = await scoring.pack_model(day=2, random_state=2)
    await scoring.activate(second, sequence=2, threshold=1.0)
    await scoring.with_settings(rescore_devices=3).rescore()
    assert await scoring.fetch(DEVICES) == before
    assert len(await scoring.fetch("SELECT FROM inference.predictions")) == 4
    moves = await scoring.fetch("SELECT moves_up, moves_down FROM inference.models ORDER BY sequence")
    assert [tuple(row) for row in moves] == [(None, None), (0, 1)]
    with at_day(42):
        await scoring.process((3, 41, DYING))
    after = {row["device_id"]: row for row in await scoring.fetch(DEVICES)}
    assert (after[3]["level"], after[3]["model_version"]) == ("elevated", second.version)


async def test_a_lower_threshold_raises_levels_and_alerts_with_the_next_reading_only(scoring: Harness) -> None:
    await store_history(scoring)
    await scoring.process(*((device, 40, HEALTHY) for device in range(3)))
    await scoring.activate(await scoring.pack_model(day=2, random_state=2), sequence=2, threshold=1e-9)
    await scoring.rescore()
    assert await scoring.emitted("alert.raised") == []
    assert [tuple(row) for row in await scoring.fetch(MOVES)] == [(3, 0)]
    with at_day(42):
        await scoring.process((1, 41, HEALTHY))
    assert [alert["device_id"] for alert in await scoring.emitted("alert.raised")] == [1]


MOVES = "SELECT moves_up, moves_down FROM inference.models WHERE sequence = 2"


async def test_a_model_with_the_predictors_of_an_earlier_release_scores(harness: Harness) -> None:
    await store_history(harness)
    await harness.activate(await pack(harness.settings, datetime(2026, 1, 1, tzinfo=UTC), profile=EARLIER))
    rows = [(device, 40, DYING if device == 1 else HEALTHY) for device in range(3)]
    await harness.process(*rows)
    readings = await harness.fetch("SELECT * FROM inference.readings ORDER BY device_id, timestamp_s")
    signals = {name: [row[name] for row in readings] for name in EARLIER.signal_names}
    device_ids, seconds = ([row[name] for row in readings] for name in ("device_id", "timestamp_s"))
    x = predictor_matrix(EARLIER, Readings.of_lists(device_ids, seconds, signals))
    expected = engine(profile=EARLIER).predict_proba(x[40::41]).tolist()
    assert list((await harness.current_risks()).values()) == expected
    (alert,) = await harness.emitted("alert.raised")
    assert alert["device_id"] == 1
    assert {factor["name"] for factor in alert["factors"]} <= {*EARLIER.predictors}
    hashes = await harness.fetch("SELECT DISTINCT feature_hash FROM inference.predictions")
    assert [row[0] for row in hashes] == [feature_set_hash(EARLIER)]
    async with harness.database.transaction("inference") as session:
        stored = await repository.get_risk(await db.driver(session), PACEMAKER, 1)
    assert stored is not None
    assert [factor.text for factor in stored["factors"]] == [factor["text"] for factor in alert["factors"]]


async def test_an_older_activation_that_arrives_late_changes_nothing(harness: Harness) -> None:
    older, newer = await harness.pack_model(day=1), await harness.pack_model(day=2, random_state=2)
    await harness.activate(newer, sequence=5)
    await harness.activate(older, sequence=4)
    await harness.process((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert await versions(harness) == {newer.version}


async def test_a_rollback_makes_the_earlier_model_score_again(harness: Harness) -> None:
    older, newer = await harness.pack_model(day=1), await harness.pack_model(day=2, random_state=2)
    for sequence, model in enumerate((older, newer, older), 1):
        await harness.activate(model, sequence)
    await harness.process((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert await versions(harness) == {older.version}


async def assert_refused(harness: Harness, model: Packed, code: str) -> None:
    """Activate `model` second: it is not used, and the first still scores, in this process and in a new one."""
    before = REGISTRY.get_sample_value("pacewatch_artifacts_refused_total", {"code": code}) or 0
    active = {row[0] for row in await harness.fetch("SELECT version FROM inference.models")}
    await harness.activate(model, sequence=2)
    for process, day in ((harness, 0), (harness.new_process(), 10)):
        await process.process((1, day, HEALTHY), (1, day + 1, HEALTHY))
        assert await versions(harness) == active
        await process.rescore()
    assert await versions(harness) == active
    assert (REGISTRY.get_sample_value("pacewatch_artifacts_refused_total", {"code": code}) or 0) > before


async def test_a_process_that_falls_back_compares_no_level_again(scoring: Harness) -> None:
    await store_history(scoring)
    await scoring.process(*((device, 40, HEALTHY) for device in range(3)))
    model = await scoring.pack_model(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    await scoring.activate(model, sequence=2)
    await scoring.rescore()
    path.unlink()
    await scoring.new_process().rescore()
    assert [tuple(row) for row in await scoring.fetch(MOVES)] == [(0, 0)]


async def test_an_artifact_with_an_invalid_signature_is_refused(scoring: Harness) -> None:
    model = await scoring.pack_model(day=2, random_state=2)
    await assert_refused(scoring, forged(model), "signature_invalid")


async def test_a_tampered_artifact_is_refused(scoring: Harness) -> None:
    model = await scoring.pack_model(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    await assert_refused(scoring, model, "hash_mismatch")


async def test_a_missing_artifact_is_fetched_again_and_used_when_it_is_there(scoring: Harness) -> None:
    model = await scoring.pack_model(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    content = path.read_bytes()
    path.unlink()
    await assert_refused(scoring, model, "unavailable")
    path.write_bytes(content)
    await scoring.process((1, 20, HEALTHY), (1, 21, HEALTHY))
    assert await versions(scoring) == {model.version}


async def test_a_model_activated_under_another_version_is_refused(scoring: Harness) -> None:
    model = await scoring.pack_model(day=2, random_state=2)
    other = type(model)(datetime(2026, 2, 1, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ"), model.reference)
    await assert_refused(scoring, other, "manifest_mismatch")


async def test_without_a_usable_model_readings_are_stored(harness: Harness) -> None:
    await harness.activate(forged(await harness.pack_model()))
    await harness.process((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert len(await harness.fetch("SELECT FROM inference.readings")) == 2
    assert await harness.current_risks() == {}


async def test_a_device_with_only_backfill_after_the_activation_is_not_scored(
    scoring: Harness,
) -> None:
    await store_history(scoring)
    await scoring.rescore()
    assert await scoring.current_risks() == {}
