"""The printed report: honest with few failures, one easy mode, or figures too good to be true."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from unit.ml.fleet import QUICK, START_S, made_up_fleet, trained_model

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.report.notes import notes
from pacewatch.ml.report.text import text
from pacewatch.ml.training.train import TrainedModel, train


@cache
def with_failures_in_the_newest_span(count: int) -> TrainedModel:
    """The made-up fleet, of whose newest failures only so many were recorded."""
    fleet, spans = made_up_fleet(), trained_model().dataset["spans"]
    occurred_at_s = fleet.failures.occurred_at_s
    order = np.argsort(occurred_at_s)
    newest = [i for i in order if occurred_at_s[i] > spans["test"]["from_s"] + 3 * SECONDS_PER_DAY]
    kept = [i for i in order if occurred_at_s[i] <= spans["test"]["from_s"]] + newest[:count]
    failures = Failures(fleet.failures.device_ids[kept], occurred_at_s[kept], ("exit_block",) * len(kept))
    labels = labels_of(PACEMAKER.label, fleet.readings, failures, fleet.now_s)
    return train(PACEMAKER, fleet.readings, labels, failures, fleet.now_s, QUICK)


def report(model: TrainedModel) -> str:
    return text(PACEMAKER, model.metrics, model.dataset, model.metrics)


@pytest.mark.parametrize("count", [0, 1])
def test_with_hardly_a_failure_every_claim_becomes_insufficient_evidence(count: int) -> None:
    printed = report(with_failures_in_the_newest_span(count))
    for name in ("ROC-AUC", "failures caught", "median lead"):
        [line] = [line for line in printed.splitlines() if line.startswith(name)]
        assert line.count("insufficient evidence") == 3
    assert "nothing is claimed" in printed or "cannot be told" in printed
    assert "times too" not in printed
    assert "hand rule (" not in printed


def test_the_report_gives_the_dates_of_the_readings() -> None:
    assert "2020-09-13 to 2021-01-10" in report(trained_model()).splitlines()[0]
    assert trained_model().dataset["from_s"] == START_S


def test_a_mode_without_a_failure_in_the_newest_span_is_still_named() -> None:
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


def figures(**changed: Any) -> dict[str, Any]:
    """Metrics of 60 failures that nothing is to be said against."""
    return {
        "holdout": {"failures": 60, "positives": 400},
        "expected_positives": 410.0,
        "caught_more_than_hand_rule": {"value": 0.5, "low": 0.4, "high": 0.6},
        "but_commonest_mode": None,
        "roc_auc": 0.9,
        "candidates": [{"failures": 30}],
        "by_mode": {"exit_block": {"failures": 60, "caught": 0.7}},
        "at_threshold": {"alert_share": 0.01},
        "budget": 0.01,
        "never": {"accuracy": 0.998},
    } | changed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"holdout": {"failures": 12, "positives": 400}}, "12 failures are few"),
        ({"caught_more_than_hand_rule": {"value": 0.1, "low": -0.1, "high": 0.3}}, "cannot be told from the hand rule"),
        ({"caught_more_than_hand_rule": {"value": -0.3, "low": -0.5, "high": -0.1}}, "should not be used"),
        ({"roc_auc": 0.997}, "readings know the outcome"),
        ({"expected_positives": 1000.0}, "2.5 times too high"),
        ({"candidates": [{"failures": 2}]}, "Validation had too few failures (2)"),
        ({"by_mode": {"lead_fracture": {"failures": 2, "caught": None}}}, "on: lead fracture"),
        ({"at_threshold": {"alert_share": 0.03}}, "alerts on 3.00 %"),
        (
            {"but_commonest_mode": {"mode": "battery", "its_failures": 60, "failures": 0, "caught": None}},
            "60 of 60 failures are battery, there is no other: all figures are about that mode",
        ),
    ],
)
def test_what_weakens_a_report_is_said_in_it_and_not_said_otherwise(changed: dict[str, Any], said: str) -> None:
    assert said in " ".join(notes(figures(**changed)))
    assert said not in " ".join(notes(figures()))


def test_one_easy_mode_is_set_apart_with_what_is_left_without_it() -> None:
    left = {"mode": "battery", "its_failures": 40, "failures": 20, "caught": 0.3, "low": 0.1, "high": 0.5}
    area = {"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}}
    said = " ".join(notes(figures(but_commonest_mode=left | {"intervals": area})))
    assert "Without them: ROC-AUC 0.700 [0.600, 0.800], caught 0.30 [0.10, 0.50] of 20" in said
