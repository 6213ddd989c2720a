"""Copies of runs in MLflow, as people who keep their experiments there expect them.

A run with its true duration, parameters, figures, dataset, curves and report; its model with a signature, registered
under the fleet's name with the alias `candidate`. The registry adds the gate's verdict and the alias `champion`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pacewatch.kit.tracking import server as tracking
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.trainer_agent.mlflow_copy.figures import MOST_METRICS, candidates_of, dataset_of, metrics_of
from pacewatch.trainer_agent.mlflow_copy.model import model_files

LONGEST_S: Final = 30.0
_MOST_PARAMETER_CHARS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a run comes from, and when it ran, wall time."""

    run_id: str
    profile: str
    commit: str
    reason: str
    actor: str
    began_at: datetime
    ended_at: datetime

    def tags(self) -> dict[str, str]:
        """The tags that MLflow shows as source, user and note, and our own."""
        return {
            "mlflow.source.type": "JOB",
            "mlflow.source.name": "pacewatch trainer-agent",
            "mlflow.source.git.commit": self.commit,
            "mlflow.user": self.actor,
            "mlflow.note.content": self.reason,
            "pacewatch.run_id": self.run_id,
            "pacewatch.reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Model:
    """A finished run's model: the signed manifest, the artifact's bytes, and files by name."""

    manifest: Manifest
    signature: str
    artifact: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)


def record(origin: Origin, durations_s: Mapping[str, float], model: Model) -> None:
    """Copy a run and its model to MLflow, if it is set; waits `LONGEST_S` at most."""
    tracking.send(model.manifest.version, partial(_send, origin, durations_s, model), LONGEST_S)


def record_failure(
    origin: Origin, durations_s: Mapping[str, float], parameters: Mapping[str, Any], *, stage: str, message: str
) -> None:
    """The same for a run that failed: the stage and the message."""
    work = partial(
        _send_failure, origin, durations_s, parameters, {"pacewatch.stage": stage, "pacewatch.error": message}
    )
    tracking.send(origin.run_id, work, LONGEST_S)


def _send(origin: Origin, durations_s: Mapping[str, float], model: Model, mlflow: Any) -> None:
    client, manifest = mlflow.MlflowClient(), model.manifest
    tags = {
        tracking.VERSION_TAG: manifest.version,
        "pacewatch.artifact_sha256": manifest.sha256,
        "pacewatch.feature_set": manifest.feature_set_hash,
        "pacewatch.algorithm": manifest.algorithm,
        "pacewatch.data_sha256": str(manifest.dataset.get("sha256", "")),
    }
    run_id = _begin(client, origin, manifest.version, tags)
    series = [*metrics_of(manifest, durations_s), *((name, one, 0) for name, one in candidates_of(manifest).items())]
    _log(mlflow, client, run_id, origin, series, manifest.parameters)
    of_training = mlflow.entities.InputTag("mlflow.data.context", "training")
    dataset = mlflow.entities.Dataset(**dataset_of(manifest))
    client.log_inputs(run_id, [mlflow.entities.DatasetInput(dataset, [of_training])])
    with TemporaryDirectory() as folder:
        for name, content in {**model.files, **model_files(manifest, model.signature, model.artifact, run_id)}.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        client.log_artifacts(run_id, folder)
    _register(mlflow, client, run_id, manifest, origin)
    client.set_terminated(run_id, "FINISHED", _ms(origin.ended_at))


def _send_failure(
    origin: Origin, durations_s: Mapping[str, float], parameters: Mapping[str, Any], tags: dict[str, str], mlflow: Any
) -> None:
    client = mlflow.MlflowClient()
    run_id = _begin(client, origin, f"failed {origin.run_id}", tags)
    series = [(f"duration.{stage}_s", seconds, 0) for stage, seconds in durations_s.items()]
    _log(mlflow, client, run_id, origin, series, parameters)
    client.set_terminated(run_id, "FAILED", _ms(origin.ended_at))


def _begin(client: Any, origin: Origin, name: str, tags: Mapping[str, str]) -> str:
    """The id of a new run in the fleet's experiment."""
    experiment = client.get_experiment_by_name(tracking.registered_name(origin.profile))
    experiment_id = (
        client.create_experiment(tracking.registered_name(origin.profile))
        if experiment is None
        else experiment.experiment_id
    )
    made = client.create_run(experiment_id, _ms(origin.began_at), {**origin.tags(), **tags}, name)
    return str(made.info.run_id)


def _log(
    mlflow: Any,
    client: Any,
    run_id: str,
    origin: Origin,
    series: list[tuple[str, float, int]],
    parameters: Mapping[str, Any],
) -> None:
    at_ms = _ms(origin.ended_at)
    metrics = [mlflow.entities.Metric(name, value, at_ms, step) for name, value, step in series]
    values = [mlflow.entities.Param(name, str(value)[:_MOST_PARAMETER_CHARS]) for name, value in parameters.items()]
    client.log_batch(run_id, params=values)
    for start in range(0, len(metrics), MOST_METRICS):
        client.log_batch(run_id, metrics=metrics[start : start + MOST_METRICS])


def _register(mlflow: Any, client: Any, run_id: str, manifest: Manifest, origin: Origin) -> None:
    """A new version of the fleet's registered model, with the alias of the newest candidate."""
    name = tracking.registered_name(manifest.profile)
    try:
        client.create_registered_model(
            name, description=f"Risk of a failure of a {manifest.profile} within the horizon"
        )
    except mlflow.exceptions.MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    tags = {tracking.VERSION_TAG: manifest.version, "pacewatch.status": "candidate", "pacewatch.verdict": ""}
    made = client.create_model_version(name, f"runs:/{run_id}/model", run_id, tags, description=origin.reason)
    client.set_registered_model_alias(name, tracking.CANDIDATE, made.version)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)
