"""Runs are copied to MLflow if it is set, and an error there does not affect the run."""

import sys
import time
from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
from structlog.testing import capture_logs

from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.trainer_agent.candidates import mlflow_copy

MANIFEST = Manifest(
    version="20260101T000000Z",
    profile="machine",
    algorithm="random_forest",
    features=("a",),
    feature_set_hash="f",
    libraries={},
    dataset={"sha256": "d"},
    metrics={"roc_auc": 0.9, "algorithm": "random_forest", "curve": {"threshold": [0.1]}, "oob_score": None},
    parameters={"n_estimators": 100},
    threshold=0.3,
    run_id="r",
    commit="c",
    sha256="s",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    fake = MagicMock()
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    monkeypatch.setenv(mlflow_copy.VARIABLE, "http://tracking.example")
    return fake


def logged() -> list[Any]:
    """Copy a run; the log entries of that."""
    with capture_logs() as entries:
        mlflow_copy.record(MANIFEST, {"train": 2.0})
    return [entry["event"] for entry in entries]


def test_parameters_numbers_and_origins_are_copied(mlflow: MagicMock) -> None:
    assert logged() == []
    mlflow.log_params.assert_called_once_with({"n_estimators": 100})
    mlflow.log_metrics.assert_called_once_with({"roc_auc": 0.9, "duration_train_s": 2.0})
    assert mlflow.set_tags.call_args.args[0]["data_sha256"] == "d"
    mlflow.end_run.assert_called_once_with("FINISHED")


def test_a_failed_run_is_copied_with_stage_and_message(mlflow: MagicMock) -> None:
    failure = {"commit": "c", "stage": "pull", "message": "there are no readings yet"}
    mlflow_copy.record_failure("machine", "r", {"n_estimators": 7}, {"pull": 0.5}, **failure)
    mlflow.log_params.assert_called_once_with({"n_estimators": 7})
    mlflow.log_metrics.assert_called_once_with({"duration_pull_s": 0.5})
    assert mlflow.set_tags.call_args.args[0] == failure | {"run_id": "r"}
    mlflow.end_run.assert_called_once_with("FAILED")


def test_nothing_is_copied_if_mlflow_is_not_set(mlflow: MagicMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mlflow_copy.VARIABLE)
    assert logged() == []
    mlflow.start_run.assert_not_called()


def test_a_missing_package_is_logged(mlflow: MagicMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert logged() == ["mlflow_missing"]
    mlflow.start_run.assert_not_called()


def test_a_server_that_fails_or_hangs_is_logged(mlflow: MagicMock, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow.start_run.side_effect = ConnectionError("refused")
    assert logged() == ["mlflow_failed"]
    mlflow.start_run.side_effect = lambda **_: time.sleep(0.5)
    monkeypatch.setattr(mlflow_copy, "LONGEST_S", 0.05)
    assert logged() == ["mlflow_slow"]
