"""The report as text."""

from functools import cache

import numpy as np
import pytest
from unit.ml.fleet import QUICK, START_S, made_up_fleet, trained_model

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.report.text import render
from pacewatch.ml.training.train import TrainedModel, train


@cache
def with_failures_behind_the_origins(count: int) -> TrainedModel:
    """The made-up fleet with only `count` recorded failures behind the first origin."""
    fleet, first_s = made_up_fleet(), trained_model().metrics["origins"][0]["from_s"]
    occurred_at_s = fleet.failures.occurred_at_s
    order = np.argsort(occurred_at_s)
    newest = [i for i in order if occurred_at_s[i] > first_s + 10 * SECONDS_PER_DAY]
    kept = [i for i in order if occurred_at_s[i] <= first_s] + newest[:count]
    failures = Failures(fleet.failures.device_ids[kept], occurred_at_s[kept], ("exit_block",) * len(kept))
    labels = labels_of(PACEMAKER.label, fleet.readings, failures, fleet.now_s)
    return train(PACEMAKER, fleet.readings, labels, failures, fleet.now_s, QUICK)


def report(model: TrainedModel) -> str:
    return render(PACEMAKER, model.metrics, model.dataset, model.metrics)


@pytest.mark.parametrize("count", [0, 1])
def test_with_too_few_failures_every_figure_is_insufficient_evidence(count: int) -> None:
    printed = report(with_failures_behind_the_origins(count))
    for name in ("ROC-AUC", "failures caught", "median lead"):
        [line] = [line for line in printed.splitlines() if line.startswith(name)]
        assert line.count("insufficient evidence") == 3
    assert "no figure on failures caught" in printed
    assert "times too" not in printed
    assert "hand rule (" not in printed


def test_the_report_gives_the_dates_of_the_readings() -> None:
    assert "2020-09-13 to 2021-01-10" in report(trained_model()).splitlines()[0]
    assert trained_model().dataset["from_s"] == START_S


def test_a_mode_without_a_failure_behind_the_origins_is_listed() -> None:
    fleet = made_up_fleet()
    oldest = int(np.argmin(fleet.failures.occurred_at_s))
    modes = tuple("fracture" if i == oldest else "exit_block" for i in range(len(fleet.failures.device_ids)))
    failures = Failures(*fleet.failures[:2], modes)
    model = train(PACEMAKER, *fleet.rows[:2], failures, fleet.now_s, QUICK | {"algorithm": "logistic_regression"})
    assert model.metrics["by_mode"]["fracture"] == {
        "failures": 0,
        "caught": None,
        "evidence": "insufficient evidence",
    }
    [line] = [line for line in report(model).splitlines() if line.startswith("  fracture")]
    assert line.count("insufficient evidence") == 3


def test_every_origin_and_every_candidate_has_a_line() -> None:
    metrics, printed = trained_model().metrics, report(trained_model())
    for one in metrics["candidates"]:
        assert f"  {one['algorithm'].replace('_', ' ')}" in printed
    [first] = [line for line in printed.splitlines() if "default, uncalibrated" in line]
    assert first.startswith("  2020-")
    assert len([line for line in printed.splitlines() if line.startswith("  2020-")]) == len(metrics["origins"])
