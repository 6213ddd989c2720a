"""A run ends in a signed candidate or in a plain reason, told once, and leaves nothing else behind."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from support.training import History, pacemakers, store_history

from pacewatch.contracts.models import ModelCandidate
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import clock
from pacewatch.ml.artifacts import artifact
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs import repository, run_once
from pacewatch.trainer_agent.runs.progress import Step
from pacewatch.trainer_agent.runs.run import Result, execute

from .conftest import Trainer

QUICK = {"algorithm": "logistic_regression"}


@cache
def history() -> History:
    return pacemakers(devices=60, count=70, enrich=40, seed=5)


@pytest.fixture
async def loaded(trainer: Trainer) -> Any:
    clock.start_at(history().now_s, 0)
    await store_history(trainer.platform, history())
    yield trainer
    clock.set_pace(None)


async def trained(trainer: Trainer, steps: list[Step] | None = None, **parameters: Any) -> Result:
    told = [] if steps is None else steps
    return await run_once.run(
        trainer.database, uuid4(), "test", QUICK | parameters, trainer.kit, trainer.own, told.append
    )


async def last_told(trainer: Trainer) -> Any:
    row = await trainer.platform.fetchval("SELECT data FROM trainer_agent.outbox ORDER BY emitted_at DESC LIMIT 1")
    return json.loads(row)


async def test_run_ends_in_a_signed_candidate(loaded: Trainer) -> None:
    result = await trained(loaded)
    candidate = ModelCandidate.model_validate_json(json.dumps(await last_told(loaded)))
    assert (candidate.run_id, candidate.version) == (result.run_id, result.version)
    data = Path(urlsplit(candidate.artifact.uri).path).read_bytes()
    signed = (candidate.artifact.manifest_json, candidate.artifact.signature)
    engine, manifest = artifact.unpack(data, *signed, loaded.kit.artifact_keys().public(), PACEMAKER)
    assert engine.parameters.algorithm == "logistic_regression"
    assert (manifest.commit, manifest.run_id) == ("abc123", str(result.run_id))
    assert manifest.dataset["rows"] == len(history().labels)
    assert manifest.dataset["positives"] == int((history().labels == 1).sum())


async def test_run_history_is_kept(loaded: Trainer) -> None:
    result = await trained(loaded)
    row = await loaded.run_row(result.run_id)
    assert (row["status"], row["model_version"], row["commit"]) == ("succeeded", result.version, "abc123")
    assert json.loads(row["parameters"]) == QUICK
    assert json.loads(row["dataset"])["sha256"] == row["data_sha256"]
    assert set(json.loads(row["durations_s"])) == {"pull", "train", "champion", "store"}
    assert json.loads(row["metrics"])["algorithm"] == "logistic_regression"


async def test_curves_and_figures_are_kept_with_the_run(loaded: Trainer) -> None:
    result = await trained(loaded)
    folder = Path(urlsplit(loaded.kit.artifact_url).path) / "runs" / str(result.run_id)
    assert json.loads((folder / "metrics.json").read_text()) == result.metrics
    images = sorted(path.name for path in folder.iterdir() if path.read_bytes().startswith(b"\x89PNG"))
    assert images == ["alerts.png", "precision_recall.png", "reliability.png"]


async def test_figures_are_given_for_each_lead_of_a_register_of_devices(loaded: Trainer, tmp_path: Path) -> None:
    register = tmp_path / "devices.csv"
    leads = "".join(f"{device},{'A' if device % 3 else 'B'}\n" for device in range(60))
    register.write_text("patient_id,lead_model\n" + leads)
    own = loaded.own.model_copy(update={"devices_file": str(register)})
    result = await trained(replace(loaded, own=own))
    assert set(result.metrics["subgroups"]) == {"history", "lead model"}
    assert set(result.metrics["subgroups"]["lead model"]) == {"A", "B"}


async def test_register_of_devices_that_is_not_there_is_told(loaded: Trainer, tmp_path: Path) -> None:
    own = loaded.own.model_copy(update={"devices_file": str(tmp_path / "none.csv")})
    assert "PACEWATCH_TRAINER_DEVICES_FILE cannot be read" in (await failure(replace(loaded, own=own)))[1]


async def test_every_step_says_what_it_is_about(loaded: Trainer) -> None:
    steps: list[Step] = []
    await trained(loaded, steps)
    assert [step for step in steps if not step.message] == []
    assert any(step.stage.startswith("fit") and "rows before failures" in step.message for step in steps)


async def test_progress_is_told_in_rising_steps_before_the_candidate(loaded: Trainer) -> None:
    steps: list[Step] = []
    await trained(loaded, steps)
    percents = [step.percent for step in steps]
    assert percents == sorted(percents)
    assert await loaded.told() == ["training.progressed"] * len(steps) + ["model.candidate"]


async def test_same_data_gives_the_same_data_hash_and_the_next_version(loaded: Trainer) -> None:
    first, second = await trained(loaded), await trained(loaded)
    assert first.version is not None
    assert second.version is not None
    assert second.version > first.version  # though fleet time stands still
    rows = [await loaded.run_row(result.run_id) for result in (first, second)]
    assert rows[0]["data_sha256"] == rows[1]["data_sha256"]


async def failure(trainer: Trainer, **parameters: Any) -> tuple[str, str]:
    """(stage, message) of a run that fails, as the event and the row tell it."""
    result = await trained(trainer, **parameters)
    assert result.version is None
    row, told = await trainer.run_row(result.run_id), await last_told(trainer)
    assert (row["status"], row["stage"], row["message"]) == ("failed", told["stage"], told["message"])
    assert (await trainer.told())[-1] == "training.failed"
    return told["stage"], told["message"]


async def test_platform_without_readings_fails_plainly(trainer: Trainer) -> None:
    stage, message = await failure(trainer)
    assert stage == "pull"
    assert message == "there are no readings yet; send telemetry first"


async def test_too_few_positives_fail_plainly(loaded: Trainer) -> None:
    await loaded.platform.execute("UPDATE ingest.readings SET label = 'unresolved' WHERE label = 'positive'")
    stage, message = await failure(loaded)
    assert stage.startswith("fit")
    assert "Traceback" not in message
    assert "Error" not in message
    assert "rows before failures" in message


async def test_unknown_parameter_fails_plainly(loaded: Trainer) -> None:
    assert "n_trees" in (await failure(loaded, n_trees=5))[1]


async def test_run_that_lost_its_lease_leaves_no_trace(loaded: Trainer) -> None:
    run_id = uuid4()
    async with loaded.database.transaction("trainer_agent") as session:
        await repository.add(session, run_id, "test", "test", QUICK)
        lease = await repository.claim(session, 60, "first")
    assert lease is not None
    other = UUID(int=7)
    await loaded.platform.execute("UPDATE trainer_agent.runs SET lease_token = $1", other)
    with pytest.raises(LeaseLost):
        await execute(loaded.database, lease, loaded.kit, loaded.own)
    row = await loaded.run_row(run_id)
    assert (row["status"], row["lease_token"], row["model_version"]) == ("running", other, None)
    assert "model.candidate" not in await loaded.told()
    assert "training.failed" not in await loaded.told()


async def test_run_that_has_ended_is_not_carried_out_again(loaded: Trainer) -> None:
    first = await trained(loaded)
    again = await run_once.run(loaded.database, first.run_id, "test", QUICK, loaded.kit, loaded.own, lambda _step: None)
    assert (again.version, again.message) == (None, "it has ended already, or a trainer is at work on a run")


async def activated(trainer: Trainer) -> str:
    """Train a model and let the registry show it as the active one; its version."""
    result = await trained(trainer)
    reference = (await last_told(trainer))["artifact"]
    await trainer.platform.execute("""
        DROP SCHEMA IF EXISTS registry CASCADE;
        CREATE SCHEMA registry;
        CREATE TABLE registry.active_artifact (
            version text, uri text, sha256 text, manifest_json text, signature text)""")
    values = (result.version, *(reference[name] for name in ("uri", "sha256", "manifest_json", "signature")))
    await trainer.platform.execute("INSERT INTO registry.active_artifact VALUES ($1, $2, $3, $4, $5)", *values)
    assert result.version is not None
    return result.version


@pytest.fixture
async def champion(loaded: Trainer) -> Any:
    yield await activated(loaded)
    await loaded.platform.execute("DROP SCHEMA registry CASCADE")


async def test_the_active_model_is_judged_on_the_same_rows_and_that_is_signed(loaded: Trainer, champion: str) -> None:
    result = await trained(loaded, negatives_per_positive=3)
    manifest = json.loads((await last_told(loaded))["artifact"]["manifest_json"])
    beside = manifest["metrics"]["champion"]
    assert beside["version"] == champion
    assert beside["holdout"] == result.metrics["holdout"]
    before = json.loads(
        await loaded.platform.fetchval("SELECT metrics FROM trainer_agent.runs WHERE model_version = $1", champion)
    )
    assert beside["roc_auc"] == before["roc_auc"]  # the same model on the same rows


async def test_an_active_model_that_does_not_open_is_left_out(loaded: Trainer, champion: str) -> None:
    await loaded.platform.execute("UPDATE registry.active_artifact SET signature = 'AAAA'")
    result = await trained(loaded)
    assert result.version > champion
    assert "champion" not in result.metrics
