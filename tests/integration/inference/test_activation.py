"""Which model scores: the latest activation, whatever order they come in, unless its artifact cannot be trusted."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from integration.inference.conftest import World
from prometheus_client import REGISTRY
from support.inference.models import DYING, HEALTHY, forged

from pacewatch.contracts.telemetry import Mode

pytestmark = pytest.mark.servers


async def give_history(world: World, devices: int = 3) -> None:
    rows = [(device, day, HEALTHY) for device in range(devices) for day in range(40)]
    await world.take(*rows, mode=Mode.BACKFILL)


async def versions(world: World) -> set[str]:
    return {row[0] for row in await world.fetch("SELECT model_version FROM inference.devices")}


async def test_the_first_activation_fills_the_risk_list_and_may_alert(world: World) -> None:
    await give_history(world)
    await world.take((1, 40, DYING))
    model = await world.pack()
    await world.activate(model)
    await world.set(rescore_devices=2).rescore()
    assert await versions(world) == {model.version}
    assert len(await world.risks()) == 3
    assert [alert["device_id"] for alert in await world.emitted("alert.raised")] == [1]
    assert sum(told["scored"] for told in await world.emitted("risk.scored")) == 3


async def test_another_activation_judges_every_newest_reading_again(scoring_world: World) -> None:
    await give_history(scoring_world)
    await scoring_world.take(*((device, 40, HEALTHY) for device in range(3)))
    second = await scoring_world.pack(day=2, random_state=2)
    await scoring_world.activate(second, sequence=2)
    await scoring_world.rescore()
    assert await versions(scoring_world) == {second.version}
    superseded = await scoring_world.fetch("SELECT revision FROM inference.predictions WHERE superseded_at IS NOT NULL")
    assert [row[0] for row in superseded] == [0, 0, 0]


async def test_an_older_activation_that_comes_late_changes_nothing(world: World) -> None:
    older, newer = await world.pack(day=1), await world.pack(day=2, random_state=2)
    await world.activate(newer, sequence=5)
    await world.activate(older, sequence=4)
    await world.take((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert await versions(world) == {newer.version}


async def test_a_rollback_is_an_activation_like_any_other(world: World) -> None:
    older, newer = await world.pack(day=1), await world.pack(day=2, random_state=2)
    for sequence, model in enumerate((older, newer, older), 1):
        await world.activate(model, sequence)
    await world.take((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert await versions(world) == {older.version}


async def refused(world: World, model, code: str) -> None:
    """`model`, activated second, is not used: the first one scores on, in this process and in a fresh one."""
    before = REGISTRY.get_sample_value("pacewatch_artifacts_refused_total", {"code": code}) or 0
    active = {row[0] for row in await world.fetch("SELECT version FROM inference.models")}
    await world.activate(model, sequence=2)
    for process, day in ((world, 0), (world.again(), 10)):
        await process.take((1, day, HEALTHY), (1, day + 1, HEALTHY))
        assert await versions(world) == active
        await process.rescore()
    assert await versions(world) == active
    assert (REGISTRY.get_sample_value("pacewatch_artifacts_refused_total", {"code": code}) or 0) > before


async def test_a_process_that_falls_back_undoes_nothing_that_another_scored(scoring_world: World) -> None:
    await give_history(scoring_world)
    await scoring_world.take(*((device, 40, HEALTHY) for device in range(3)))
    model = await scoring_world.pack(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    await scoring_world.activate(model, sequence=2)
    await scoring_world.rescore()
    path.unlink()
    await scoring_world.again().rescore()
    assert await versions(scoring_world) == {model.version}


async def test_an_artifact_signed_by_nobody_is_refused_and_the_old_model_stays(scoring_world: World) -> None:
    model = await scoring_world.pack(day=2, random_state=2)
    await refused(scoring_world, forged(model), "signature_invalid")


async def test_a_tampered_artifact_is_refused_and_the_old_model_stays(scoring_world: World) -> None:
    model = await scoring_world.pack(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    await refused(scoring_world, model, "hash_mismatch")


async def test_an_artifact_that_is_gone_is_tried_again_and_used_once_it_is_back(scoring_world: World) -> None:
    model = await scoring_world.pack(day=2, random_state=2)
    path = Path(urlsplit(model.reference.uri).path)
    content = path.read_bytes()
    path.unlink()
    await refused(scoring_world, model, "unavailable")
    path.write_bytes(content)
    await scoring_world.take((1, 20, HEALTHY), (1, 21, HEALTHY))
    await scoring_world.rescore()
    assert await versions(scoring_world) == {model.version}


async def test_a_model_activated_under_another_ones_name_is_refused(scoring_world: World) -> None:
    model = await scoring_world.pack(day=2, random_state=2)
    other = type(model)(datetime(2026, 2, 1, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ"), model.reference)
    await refused(scoring_world, other, "manifest_mismatch")


async def test_without_any_model_that_opens_telemetry_is_stored(world: World) -> None:
    await world.activate(forged(await world.pack()))
    await world.take((1, 0, HEALTHY), (1, 1, HEALTHY))
    assert len(await world.fetch("SELECT FROM inference.readings")) == 2
    assert await world.risks() == {}


async def test_a_device_that_only_ever_sent_history_after_the_activation_is_left_alone(scoring_world: World) -> None:
    await give_history(scoring_world)
    await scoring_world.rescore()
    assert await scoring_world.risks() == {}
