"""Copies of runs in MLflow, if MLFLOW_TRACKING_URI is set, for people who keep their experiments there.

The record of runs is `trainer_agent.runs`. If the tracking server is down or slow, or the package is missing, a warning
is logged and the run is not affected.
"""

import importlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pacewatch.kit import logs
from pacewatch.ml.artifacts.manifest import Manifest

VARIABLE: Final = "MLFLOW_TRACKING_URI"
LONGEST_S: Final = 30.0

log = logs.get(__name__)


def record(manifest: Manifest, durations_s: Mapping[str, float]) -> None:
    """Copy parameters, figures and origin of a run to MLflow, if it is set; waits `LONGEST_S` at most."""
    origins = {"run_id": manifest.run_id, "commit": manifest.commit, "artifact_sha256": manifest.sha256}
    data = {"data_sha256": str(manifest.dataset.get("sha256", "")), "feature_set": manifest.feature_set_hash}
    tags = origins | data | {"algorithm": manifest.algorithm}
    metrics = _numbers(manifest.metrics) | _durations(durations_s)
    _copy(Copy(manifest.profile, manifest.version, manifest.parameters, metrics, tags, "FINISHED"))


def record_failure(
    profile: str,
    run_id: str,
    parameters: Mapping[str, Any],
    durations_s: Mapping[str, float],
    *,
    commit: str,
    stage: str,
    message: str,
) -> None:
    """The same for a run that failed: the stage and the message."""
    tags = {"run_id": run_id, "commit": commit, "stage": stage, "message": message}
    _copy(Copy(profile, f"failed {run_id}", parameters, _durations(durations_s), tags, "FAILED"))


@dataclass(frozen=True, slots=True)
class Copy:
    """A run as MLflow stores it."""

    profile: str
    name: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    status: str


def _copy(run: Copy) -> None:
    if not os.environ.get(VARIABLE):
        return
    try:
        mlflow = importlib.import_module("mlflow")
    except ImportError:
        log.warning(
            "mlflow_missing", reason=f"{VARIABLE} is set, but the package is missing: pip install mlflow-skinny"
        )
        return
    # A daemon thread: neither the lease nor the end of the process waits for the tracking server.
    worker = threading.Thread(target=_send, args=(mlflow, run), daemon=True)
    worker.start()
    worker.join(LONGEST_S)
    if worker.is_alive():
        log.warning("mlflow_slow", run=run.name, waited_s=LONGEST_S)


def _send(mlflow: Any, run: Copy) -> None:
    try:
        mlflow.set_experiment(f"pacewatch-{run.profile}")
        with mlflow.start_run(run_name=run.name):
            mlflow.log_params(run.parameters)
            mlflow.log_metrics(run.metrics)
            mlflow.set_tags(run.tags)
            mlflow.end_run(run.status)
    except Exception as error:
        log.warning("mlflow_failed", run=run.name, reason=str(error) or repr(error))


def _durations(durations_s: Mapping[str, float]) -> dict[str, float]:
    return {f"duration_{stage}_s": seconds for stage, seconds in durations_s.items()}


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    """The figures that are numbers; curves and tables are in the manifest only."""
    return {
        name: float(value)
        for name, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
