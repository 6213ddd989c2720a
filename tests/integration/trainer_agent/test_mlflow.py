"""Runs and models on a real MLflow server: what an engineer who works with MLflow finds there."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from conftest import skip_or_fail
from servers import peers
from servers.found import ServerMissing
from servers.mlflow import REQUIREMENT, OwnMlflow

from pacewatch.trainer_agent.runs.subprocess import environment

from .conftest import Trainer

pytestmark = pytest.mark.early

NAME = "pacewatch-pacemaker"
TRAIN = "from pacewatch.launcher.trainer_cli.app import app; app()"
JUDGE = """
import json, mlflow, sys
from pacewatch.contracts.models import Model
from pacewatch.registry.models.mlflow_mirror import bring_up_to_date, wanted_of
bring_up_to_date(wanted_of("pacemaker", [Model.model_validate_json(sys.argv[1])]), mlflow)
"""
PREDICT = """
import json, mlflow, pandas, sys
model = mlflow.pyfunc.load_model(sys.argv[1])
names = model.metadata.get_input_schema().input_names()
table = pandas.DataFrame([[1.0] * len(names), [float("nan")] * len(names)], columns=names)
print(json.dumps({"names": names, "risk": model.predict(table)["risk"].tolist()}))
"""


@pytest.fixture(scope="module")
async def mlflow(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> AsyncIterator[OwnMlflow]:
    try:
        programs = await asyncio.to_thread(peers.environment, "mlflow", REQUIREMENT)
    except ServerMissing as missing:
        skip_or_fail("MLflow", str(missing), pytestconfig)
    server = OwnMlflow(tmp_path_factory.mktemp("mlflow"), programs)
    await server.start()
    yield server
    await server.stop()


async def program(mlflow: OwnMlflow, trainer: Trainer, *arguments: str) -> tuple[int, str]:
    """Exit code and output of Python code with our packages and MLflow's."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", *arguments),
        env=os.environ | environment(trainer.kit, trainer.own) | mlflow.variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode is not None
    return process.returncode, output


@dataclass(frozen=True)
class Copied:
    """A run as the trainer recorded it and as MLflow has it, by name."""

    row: asyncpg.Record
    info: dict[str, Any]
    tags: dict[str, str]
    metrics: dict[str, float]
    run: dict[str, Any]


@pytest.fixture
async def copied(loaded: Trainer, mlflow: OwnMlflow) -> Copied:
    run_id = uuid4()
    options = ("--run-id", str(run_id), "--reason", "weekly", "--param", "algorithm=logistic_regression")
    code, output = await program(mlflow, loaded, TRAIN, "run", *options)
    assert code == 0, output
    assert "mlflow_" not in output
    (run,) = await mlflow.runs(NAME)
    metrics = {one["key"]: one["value"] for one in run["data"]["metrics"]}
    return Copied(await loaded.run_row(run_id), run["info"], tags_of(run["data"]), metrics, run)


def tags_of(part: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one.get("value", "") for one in part["tags"]}


def judged(row: asyncpg.Record) -> str:
    """The model of a run as the registry has it when the gate has let it pass."""
    gate = [{"check": "roc_auc", "passed": True, "value": 0.9, "limit": 0.8, "message": "ROC-AUC"}]
    now = datetime.now(UTC).isoformat()
    values = {"version": row["model_version"], "status": "active", "active": True, "trained_at": now}
    values |= {"activated_at": now, "run_id": str(row["id"]), "algorithm": "logistic_regression", "threshold": 0.3}
    values |= {"metrics": {}, "dataset": {}, "parameters": {}, "gate": gate, "judgement": {"verdict": "passed"}}
    return json.dumps(values | {"reason": "passed every check", "sha256": ""})


async def aliases(mlflow: OwnMlflow) -> set[str]:
    model = (await mlflow.get("/registered-models/get", name=NAME))["registered_model"]
    return {one["alias"] for one in model["aliases"]}


async def test_an_engineer_finds_run_files_verdict_and_a_model_that_is_loaded_only_if_signed(
    loaded: Trainer, mlflow: OwnMlflow, copied: Copied
) -> None:
    await check_run(mlflow, copied)
    assert await aliases(mlflow) == {"candidate"}
    await check_verdict(loaded, mlflow, copied)
    await check_model(loaded, mlflow)


async def check_run(mlflow: OwnMlflow, copied: Copied) -> None:
    row, run = copied.row, copied.run
    assert (copied.info["status"], copied.info["run_name"]) == ("FINISHED", row["model_version"])
    took_s = (int(copied.info["end_time"]) - int(copied.info["start_time"])) / 1_000
    assert abs(took_s - (row["ended_at"] - row["started_at"]).total_seconds()) < 0.01
    expected = {"mlflow.source.git.commit": "abc123", "mlflow.user": row["actor"], "mlflow.note.content": "weekly"}
    assert copied.tags.items() >= {**expected, "pacewatch.version": row["model_version"]}.items()
    assert copied.metrics["roc_auc"] == pytest.approx(json.loads(row["metrics"])["roc_auc"])
    assert {"kfold.roc_auc.mean", "candidate.logistic_regression.roc_auc", "duration.train_s"} <= set(copied.metrics)
    history = await mlflow.get("/metrics/get-history", run_id=copied.info["run_id"], metric_key="kfold.roc_auc")
    assert len(history["metrics"]) == 5
    assert "algorithm" in {one["key"] for one in run["data"]["params"]}
    (given,) = run["inputs"]["dataset_inputs"]
    assert given["dataset"]["digest"] == row["data_sha256"][:36]
    assert given["tags"] == [{"key": "mlflow.data.context", "value": "training"}]
    files = (await mlflow.get("/artifacts/list", run_id=copied.info["run_id"]))["files"]
    assert {one["path"] for one in files} >= {"model", "metrics.json", "precision_recall.png", "report.txt"}


async def check_verdict(loaded: Trainer, mlflow: OwnMlflow, copied: Copied) -> None:
    for _ in range(2):  # the second time there is nothing to do
        code, output = await program(mlflow, loaded, JUDGE, judged(copied.row))
        assert code == 0, output
    assert await aliases(mlflow) == {"candidate", "champion"}
    found = await mlflow.get("/registered-models/alias", name=NAME, alias="champion")
    tags = tags_of(found["model_version"])
    assert (tags["pacewatch.verdict"], tags["pacewatch.reason"]) == ("passed", "passed every check")
    assert json.loads(tags["pacewatch.gate"])[0]["check"] == "roc_auc"
    (run,) = await mlflow.runs(NAME)
    assert tags_of(run["data"])["pacewatch.verdict"] == "passed"


async def check_model(loaded: Trainer, mlflow: OwnMlflow) -> None:
    code, output = await program(mlflow, loaded, PREDICT, f"models:/{NAME}@champion")
    assert code == 0, output
    said = json.loads(output.splitlines()[-1])
    assert "lead_impedance_ohms" in said["names"]
    assert len(said["risk"]) == 2
    assert all(0 <= risk <= 1 for risk in said["risk"])

    (artifact,) = (mlflow.folder / "artifacts").rglob("model.joblib")
    artifact.write_bytes(artifact.read_bytes() + b"x")
    code, output = await program(mlflow, loaded, PREDICT, f"models:/{NAME}@champion")
    assert code != 0
    assert "was changed or cut short" in output


async def test_a_failed_run_says_where_and_why(trainer: Trainer, mlflow: OwnMlflow) -> None:
    code, output = await program(mlflow, trainer, TRAIN, "run")
    assert code == 1, output
    (run,) = (run for run in await mlflow.runs(NAME) if run["info"]["run_name"].startswith("failed"))
    tags = tags_of(run["data"])
    assert (run["info"]["status"], tags["pacewatch.stage"]) == ("FAILED", "pull")
    assert "there are no readings yet" in tags["pacewatch.error"]
