"""A server for experiments that is missing, fails or hangs affects nothing else."""

import sys
import time
from types import ModuleType
from typing import Any

import pytest
from structlog.testing import capture_logs

from pacewatch.kit.tracking import server as tracking


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    package = ModuleType("mlflow")
    monkeypatch.setitem(sys.modules, "mlflow", package)
    monkeypatch.setenv(tracking.VARIABLE, "http://tracking.example")
    return package


def logged(work: Any, longest_s: float = 5) -> list[Any]:
    with capture_logs() as entries:
        tracking.send("it", work, longest_s)
    return [entry["event"] for entry in entries]


def test_the_work_gets_the_package(mlflow: ModuleType) -> None:
    got = list[Any]()
    assert logged(got.append) == []
    assert got == [mlflow]


def test_nothing_is_sent_if_no_server_is_named(mlflow: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracking.VARIABLE)
    got = list[Any]()
    assert logged(got.append) == []
    assert not got


def test_a_missing_package_is_logged(mlflow: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert logged(print) == ["mlflow_missing"]


def test_a_server_that_fails_or_hangs_is_logged(mlflow: ModuleType) -> None:
    def fail(_: Any) -> None:
        raise ConnectionError("refused")

    assert logged(fail) == ["mlflow_failed"]
    assert logged(lambda _: time.sleep(0.5), 0.05) == ["mlflow_slow"]
