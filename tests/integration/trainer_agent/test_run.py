"""A run ends with a signed candidate or with a reason, in one event, and changes nothing else."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from pacewatch.contracts.models import ModelCandidate
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ml.artifacts import artifact
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs import repository, run_once
from pacewatch.trainer_agent.runs.execute import execute
from pacewatch.trainer_agent.runs.progress import Step
from pacewatch.trainer_agent.runs.run import Result

from .conftest import QUICK, Trainer, history


async def trained(trainer: Trainer, steps: list[Step] | None = None, **parameters: Any) -> Result:
    reported = [] if steps is None else steps
    return await run_once.run(
        trainer.database, uuid4(), "test", QUICK | parameters, trainer.kit, trainer.own, reported.append
    )


async def last_event(trainer: Trainer) -> Any:
    row = await trainer.platform.fetchval("SELECT data FROM trainer_agent.outbox ORDER BY emitted_at DESC LIMIT 1")
    return json.loads(row)


async def test_run_ends_with_a_signed_candidate(loaded: Trainer) -> None:
    result = await trained(loaded)
    candidate = ModelCandidate.model_validate_json(json.dumps(await last_event(loaded)))
    assert (candidate.run_id, candidate.version) == (result.run_id, result.version)
    data = Path(urlsplit(candidate.artifact.uri).path).read_bytes()
    signed = (candidate.artifact.manifest_json, candidate.artifact.signature)
    engine, manifest = artifact.unpack(data, *signed, loaded.kit.artifact_keys().public_keys(), PACEMAKER)
    assert engine.parameters.algorithm == "logistic_regression"
    assert (manifest.commit, manifest.run_id) == ("abc123", str(result.run_id))
    assert manifest.dataset["rows"] == len(history().labels)
    assert manifest.dataset["positives"] == int((history().labels == 1).sum())


async def test_run_is_recorded_with_figures_and_durations(loaded: Trainer) -> None:
    result = await trained(loaded)
    row = await loaded.run_row(result.run_id)
    assert (row["status"], row["model_version"], row["commit"]) == ("succeeded", result.version, "abc123")
    assert json.loads(row["parameters"]) == QUICK
    assert json.loads(row["dataset"])["sha256"] == row["data_sha256"]
    assert set(json.loads(row["durations_s"])) == {"pull", "train", "champion", "store"}
    assert json.loads(row["metrics"])["algorithm"] == "logistic_regression"


async def test_curves_and_figures_of_the_run_are_stored(loaded: Trainer) -> None:
    result = await trained(loaded)
    folder = Path(urlsplit(loaded.kit.artifact_url).path) / "runs" / str(result.run_id)
    assert json.loads((folder / "metrics.json").read_text()) == result.metrics
    images = sorted(path.name for path in folder.iterdir() if path.read_bytes().startswith(b"\x89PNG"))
    assert images == ["alerts.png", "precision_recall.png", "reliability.png"]


async def test_figures_are_given_per_lead_model_and_age_of_the_register(loaded: Trainer) -> None:
    await loaded.platform.execute("""
        INSERT INTO ingest.device_attributes (device_id, attribute, as_text, as_number)
        SELECT device, 'lead_model', CASE WHEN device % 3 = 0 THEN 'B' ELSE 'A' END, NULL
        FROM generate_series(0, 59) AS device
        UNION ALL SELECT device, 'implanted_at', NULL, 1.6e9 FROM generate_series(0, 29) AS device""")
    result = await trained(loaded)
    assert set(result.metrics["subgroups"]) == {"history", "lead model", "device age"}
    assert set(result.metrics["subgroups"]["lead model"]) == {"A", "B"}
    assert set(result.metrics["subgroups"]["device age"]) == {"age 5 years or more", "not given"}


async def test_the_data_hash_follows_from_the_register(loaded: Trainer) -> None:
    hashes = []
    for implanted_s in (None, 1.6e9, 1.7e9, 1.7e9):
        await loaded.platform.execute("DELETE FROM ingest.device_attributes")
        query = "INSERT INTO ingest.device_attributes VALUES (3, 'implanted_at', 0, NULL, $1)"
        await loaded.platform.execute(query, implanted_s)
        hashes.append((await loaded.run_row((await trained(loaded)).run_id))["data_sha256"])
    assert len(set(hashes)) == 3
    assert hashes[2] == hashes[3]


async def test_every_step_has_a_message(loaded: Trainer) -> None:
    steps: list[Step] = []
    await trained(loaded, steps)
    assert [step for step in steps if not step.message] == []
    assert any(step.stage.startswith("fit") and "rows before failures" in step.message for step in steps)


async def test_progress_is_published_in_rising_steps_before_the_candidate(loaded: Trainer) -> None:
    steps: list[Step] = []
    await trained(loaded, steps)
    percents = [step.percent for step in steps]
    assert percents == sorted(percents)
    assert await loaded.event_types() == ["training.progressed"] * len(steps) + ["model.candidate"]


async def test_same_data_gives_the_same_data_hash_and_the_next_version(loaded: Trainer) -> None:
    first, second = await trained(loaded), await trained(loaded)
    assert first.version is not None
    assert second.version is not None
    assert second.version > first.version  # although fleet time stands still
    rows = [await loaded.run_row(result.run_id) for result in (first, second)]
    assert rows[0]["data_sha256"] == rows[1]["data_sha256"]


async def failure(trainer: Trainer, **parameters: Any) -> tuple[str, str]:
    """(stage, message) of a run that fails, equal in the event and the row."""
    result = await trained(trainer, **parameters)
    assert result.version is None
    row, event = await trainer.run_row(result.run_id), await last_event(trainer)
    assert (row["status"], row["stage"], row["message"]) == ("failed", event["stage"], event["message"])
    assert (await trainer.event_types())[-1] == "training.failed"
    return event["stage"], event["message"]


async def test_run_without_readings_fails_with_a_message(trainer: Trainer) -> None:
    stage, message = await failure(trainer)
    assert stage == "pull"
    assert message == "there are no readings yet; send telemetry first"


async def test_run_with_too_few_positives_fails_with_a_message(loaded: Trainer) -> None:
    await loaded.platform.execute("UPDATE ingest.readings SET label = 'unresolved' WHERE label = 'positive'")
    stage, message = await failure(loaded)
    assert stage.startswith("fit")
    assert "Traceback" not in message
    assert "Error" not in message
    assert "rows before failures" in message


async def test_run_with_an_unknown_parameter_fails_with_a_message(loaded: Trainer) -> None:
    assert "n_trees" in (await failure(loaded, n_trees=5))[1]


async def test_run_that_lost_its_lease_changes_nothing(loaded: Trainer) -> None:
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
    assert "model.candidate" not in await loaded.event_types()
    assert "training.failed" not in await loaded.event_types()


async def test_run_that_has_ended_is_not_repeated(loaded: Trainer) -> None:
    first = await trained(loaded)
    again = await run_once.run(loaded.database, first.run_id, "test", QUICK, loaded.kit, loaded.own, lambda _step: None)
    assert (again.version, again.message) == (None, "it has ended already, or another run is in progress")


async def activated(trainer: Trainer) -> str:
    """Train a model and let the registry show it as the active one; its version."""
    result = await trained(trainer)
    reference = (await last_event(trainer))["artifact"]
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


async def test_the_champion_is_compared_on_rows_new_to_both_and_the_comparison_is_signed(
    loaded: Trainer, champion: str
) -> None:
    """The champion learned from these very rows, so none is new; unit tests compare a champion that is older."""
    result = await trained(loaded, negatives_per_positive=3)
    manifest = json.loads((await last_event(loaded))["artifact"]["manifest_json"])
    compared = manifest["metrics"]["champion"]
    assert compared["version"] == champion
    assert compared["from_s"] > result.metrics["holdout"]["to_s"]
    assert (compared["rows"], compared["failures"], compared["more"]) == (0, 0, {})
    before = json.loads(
        await loaded.platform.fetchval("SELECT metrics FROM trainer_agent.runs WHERE model_version = $1", champion)
    )
    assert compared["threshold"] == before["threshold"]


async def test_a_champion_that_cannot_be_opened_is_left_out(loaded: Trainer, champion: str) -> None:
    await loaded.platform.execute("UPDATE registry.active_artifact SET signature = 'AAAA'")
    result = await trained(loaded)
    assert result.version > champion
    assert "champion" not in result.metrics
