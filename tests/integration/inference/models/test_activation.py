"""Which model scores: the activation with the highest sequence whose artifact can be verified and opened."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY
from support.inference.harness import Harness
from support.inference.models import DYING, HEALTHY, Packed, forged

from pacewatch.contracts.telemetry import Mode

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


async def test_an_activation_scores_every_newest_reading_again(scoring: Harness) -> None:
    await store_history(scoring)
    await scoring.process(*((device, 40, HEALTHY) for device in range(3)))
    second = await scoring.pack_model(day=2, random_state=2)
    await scoring.activate(second, sequence=2)
    await scoring.rescore()
    assert await versions(scoring) == {second.version}
    superseded = await scoring.fetch("SELECT revision FROM inference.predictions WHERE superseded_at IS NOT NULL")
    assert [row[0] for row in superseded] == [0, 0, 0]


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


async def test_a_process_that_falls_back_keeps_the_scores_of_the_newest_model(scoring: Harness) -> None:
    await store_history(scoring)
    await scoring.process(*((device, 40, HEALTHY) for device in range(3)))
    model = await scoring.pack_model(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    await scoring.activate(model, sequence=2)
    await scoring.rescore()
    path.unlink()
    await scoring.new_process().rescore()
    assert await versions(scoring) == {model.version}


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
    await scoring.rescore()
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
