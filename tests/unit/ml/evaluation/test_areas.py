"""ROC-AUC and PR-AUC equal scikit-learn's, in every draw as well."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pacewatch.ml.evaluation.areas import areas, ranking
from pacewatch.ml.evaluation.bootstrap import draws


def rows(count: int = 500, decimals: int = 8):
    rng = np.random.default_rng(1)
    labels = (rng.random(count) < 0.1).astype(np.int8)
    return labels, np.round(0.3 * labels + rng.random(count), decimals)


@pytest.mark.parametrize("decimals", [1, 8])
def test_both_areas_equal_scikit_learns_with_and_without_ties(decimals: int) -> None:
    labels, risk = rows(decimals=decimals)
    assert ranking(labels, risk) == pytest.approx((roc_auc_score(labels, risk), average_precision_score(labels, risk)))


@pytest.mark.parametrize("decimals", [1, 8])
def test_every_draw_equals_scikit_learns_with_each_row_as_often_as_its_device_was_drawn(decimals: int) -> None:
    labels, risk = rows(200, decimals)
    device_ids = np.arange(200) % 20
    found = areas(labels, risk, device_ids)
    for drawn, values in list(zip(draws(20), found.drawn, strict=True))[::60]:
        weights = drawn[device_ids]
        expected = [score(labels, risk, sample_weight=weights) for score in (roc_auc_score, average_precision_score)]
        assert values.tolist() == pytest.approx(expected)


def test_the_interval_contains_the_value_and_that_of_no_difference_is_zero() -> None:
    labels, risk = rows(2_000)
    found = areas(labels, risk, np.arange(2_000) // 10)
    for figure in found.intervals().values():
        assert figure["low"] < figure["value"] < figure["high"]
    assert found.minus(found).intervals()["pr_auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_areas_without_a_failure_are_null_and_not_nan() -> None:
    figures = areas(np.zeros(20, dtype=np.int8), np.linspace(0, 1, 20), np.arange(20)).intervals()
    assert figures["roc_auc"] == {"value": None, "low": None, "high": None}
    assert np.isnan(ranking(np.zeros(0, dtype=np.int8), np.zeros(0))).all()
