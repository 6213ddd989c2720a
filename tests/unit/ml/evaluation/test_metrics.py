"""Figures per row equal a count by hand, and an undefined figure is None."""

import numpy as np
import pytest

from pacewatch.ml.evaluation import metrics


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


def test_the_expected_positives_are_compared_with_the_observed_over_devices() -> None:
    labels = np.tile(np.array([0, 0, 0, 1], dtype=np.int8), 100)
    device_ids = np.arange(400) // 8
    figures = metrics.expected_and_observed(labels, np.full(400, 0.5), device_ids)
    assert (figures["expected"], figures["observed"]) == (200, 100)
    assert figures["ratio"] == {"value": 2.0, "low": pytest.approx(2.0), "high": pytest.approx(2.0)}
    none = metrics.expected_and_observed(labels * 0, np.full(400, 0.5), device_ids)
    assert none["ratio"] == {"value": None, "low": None, "high": None}
