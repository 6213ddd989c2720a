"""Boosted trees without walking: the same leaves as scikit-learn's walk, added in one order."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from unit.ml.engines import fitted, rows

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.kit.columns.arrays import Floats, Single
from pacewatch.ml.models import boosted
from pacewatch.ml.models.scorers import scorer_of


def walked(estimator: Any, x: Single) -> Floats:
    """The leaf values that scikit-learn finds, added to the baseline stage by stage."""
    total = np.full(len(x), estimator._baseline_prediction.ravel()[0])
    no_categories = (np.zeros((0, 8), dtype=np.uint32), np.zeros(x.shape[1], dtype=np.uint32))
    for stage in estimator._predictors:
        total += stage[0].predict(x.astype(np.float64), *no_categories, 1)
    return total


def on_the_edge(estimator: Any) -> Single:
    """Rows with values that are thresholds, next to thresholds, infinite or missing."""
    nodes = np.concatenate([stage[0].nodes for stage in estimator._predictors])
    x = rows()[0][: len(nodes)].astype(np.float32)
    nodes = nodes[: len(x)]
    at = (np.arange(len(x)), nodes["feature_idx"])
    x[at] = nodes["num_threshold"]
    x[at] = np.where(np.arange(len(x)) % 3 == 0, np.nextafter(x[at], np.float32(np.inf)), x[at])
    x[::5, 5], x[1::5, 5], x[2::5, 0] = np.inf, -np.inf, np.nan
    return x


def test_raw_scores_have_the_bits_of_the_walked_leaves_added_in_order() -> None:
    engine = fitted("hist_gradient_boosting")
    x = np.concatenate([on_the_edge(engine._estimator), rows()[0].astype(np.float32)])
    assert engine.contributions(x)[:, -1].tobytes() == walked(engine._estimator, x).tobytes()


def test_more_rows_than_one_part_and_no_rows_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, x = fitted("hist_gradient_boosting"), rows()[0]
    whole = engine.contributions(x)
    monkeypatch.setattr(boosted, "ROWS_AT_ONCE", 7)
    assert engine.contributions(x).tobytes() == whole.tobytes()
    assert engine.predict_proba(x[:0]).shape == (0,)


def test_a_stage_without_a_split_has_one_leaf_for_all_rows() -> None:
    x, labels = rows()
    estimator = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=len(x), early_stopping=False).fit(x, labels)
    scorer = scorer_of(estimator, "hist_gradient_boosting", len(PACEMAKER.predictors))
    single = x.astype(np.float32)
    assert scorer.raw(single).tobytes() == walked(estimator, single).tobytes()
    assert not scorer.contributions(single)[:, :-1].any()


def test_stages_with_more_leaves_than_a_byte_has_bits_are_refused() -> None:
    estimator = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=9, early_stopping=False).fit(*rows())
    with pytest.raises(ValueError, match="9 leaves"):
        scorer_of(estimator, "hist_gradient_boosting", len(PACEMAKER.predictors))
