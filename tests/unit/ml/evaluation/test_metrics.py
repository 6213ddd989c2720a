"""Row figures equal scikit-learn's, and an undefined figure is None."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pacewatch.ml.evaluation import metrics


@pytest.mark.parametrize("decimals", [1, 8])
def test_both_areas_equal_scikit_learns_with_and_without_ties(decimals) -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random(500) < 0.1).astype(np.int8)
    risk = np.round(0.3 * labels + rng.random(500), decimals)
    expected = roc_auc_score(labels, risk), average_precision_score(labels, risk)
    assert metrics.ranking(labels, risk) == pytest.approx(expected)


def test_a_weight_equals_so_many_repeated_rows() -> None:
    rng = np.random.default_rng(2)
    labels, risk, times = (rng.random(80) < 0.3).astype(np.int8), rng.random(80), rng.integers(0, 4, 80)
    repeated = metrics.ranking(np.repeat(labels, times), np.repeat(risk, times))
    assert metrics.ranking(labels, risk, times) == pytest.approx(repeated)


def test_the_interval_of_an_area_contains_its_value() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random(2_000) < 0.1).astype(np.int8)
    figures = metrics.ranking_intervals(labels, labels + rng.normal(0, 1, 2_000), np.arange(2_000) // 10)
    for figure in figures.values():
        assert figure["low"] < figure["value"] < figure["high"]


def test_areas_without_a_failure_are_null_and_not_nan() -> None:
    figures = metrics.ranking_intervals(np.zeros(20, dtype=np.int8), np.linspace(0, 1, 20), np.arange(20))
    assert figures["roc_auc"] == {"value": None, "low": None, "high": None}


def test_the_confusion_matrix_and_its_figures_equal_a_count_by_hand() -> None:
    labels = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], dtype=np.int8)
    figures = metrics.classification(labels, np.array([1, 0, 1, 1, 0, 0, 0, 0, 0, 0], dtype=bool))
    assert figures["confusion_matrix"] == [[6, 2], [1, 1]]
    assert (figures["accuracy"], figures["recall"]) == (0.7, 0.5)
    assert figures["precision"] == pytest.approx(1 / 3)
    assert figures["classification_report"]["failing"]["support"] == 2


def test_calibration_error_is_the_distance_between_predicted_and_observed_shares() -> None:
    labels = np.tile(np.array([0, 0, 0, 1], dtype=np.int8), 100)
    assert metrics.reliability(labels, np.full(400, 0.25))["calibration_error"] == pytest.approx(0, abs=0.03)
    assert metrics.reliability(labels, np.full(400, 0.85))["calibration_error"] == pytest.approx(0.6, abs=0.03)


def test_the_curve_ends_where_every_row_is_alerted_on() -> None:
    labels = np.array([1, 0, 0, 0], dtype=np.int8)
    last = metrics.curve(labels, np.array([0.9, 0.5, 0.2, 0.1]), days=2)[-1]
    assert last == {"threshold": 0.1, "precision": 0.25, "recall": 1.0, "alerts_per_day": 2.0}
