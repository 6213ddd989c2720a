"""MLEngine: which rows it trains on; scores with the same bits in any batch, whose contributions add up."""

import numpy as np
import pytest
from unit.ml.engines import fitted, rows
from unit.ml.fleet import QUICK

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.models import calibration
from pacewatch.ml.models.calibration import Scaling
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.models.parameters import ALGORITHMS

PREDICTORS = PACEMAKER.predictors


def columns(**replaced):
    table = dict.fromkeys((*PREDICTORS, "patient_id", "timestamp", "note"), np.ones(4))
    return table | {PACEMAKER.label.name: np.array([1, 0, -1, 0])} | replaced


def test_prepare_keeps_only_the_predictors_and_counts_dropped_rows() -> None:
    required = PACEMAKER.required_features[0].name
    prepared = MLEngine(PACEMAKER).prepare(columns(**{required: np.array([1, np.nan, 1, 1])}))
    assert prepared.x.shape == (2, len(PREDICTORS))
    assert prepared.labels.tolist() == [1, 0]
    assert prepared.dropped == {"unresolved": 1, "missing_window": 1}


def test_a_missing_longer_window_drops_no_row() -> None:
    extra = PACEMAKER.extra_features[-1].name
    assert len(MLEngine(PACEMAKER).prepare(columns(**{extra: np.full(4, np.nan)})).x) == 3


def test_an_unknown_hyperparameter_is_named() -> None:
    with pytest.raises(ValueError, match="n_trees"):
        MLEngine(PACEMAKER, n_trees=3)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_predictor_without_any_value_can_be_trained_with(algorithm: str) -> None:
    x, labels = rows()
    short = x.copy()
    short[:, -3] = np.nan
    risk = MLEngine(PACEMAKER, **QUICK, algorithm=algorithm).fit(short, labels).predict_proba(x)
    assert np.isfinite(risk).all()


def test_training_with_one_class_is_refused() -> None:
    x, labels = rows()
    with pytest.raises(TrainingImpossibleError):
        MLEngine(PACEMAKER, **QUICK).fit(x, labels * 0)


def test_scoring_before_fitting_is_refused() -> None:
    with pytest.raises(RuntimeError, match="call fit first"):
        MLEngine(PACEMAKER).predict_proba(rows()[0])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_raw_scores_equal_scikit_learns(algorithm) -> None:
    x, engine = rows()[0].astype(np.float32), fitted(algorithm)
    estimator = engine._estimator
    votes = algorithm == "random_forest"
    expected = estimator.predict_proba(x)[:, 1] if votes else estimator.decision_function(x)
    # scikit-learn adds the terms of the regression as float32.
    np.testing.assert_allclose(engine.contributions(x)[:, -1], expected, rtol=1e-6, atol=3e-6)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bias_and_the_sums_of_signals_add_up_to_the_raw_score(algorithm) -> None:
    engine, (x, _) = fitted(algorithm), rows()
    _, facts = engine.risk_and_facts(x)
    raw = engine.contributions(x)[:, -1]
    np.testing.assert_allclose(engine.bias + facts(None).sums.sum(axis=1), raw, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bias_and_contributions_add_up_to_the_raw_score(algorithm) -> None:
    split = fitted(algorithm).contributions(rows()[0])
    total = fitted(algorithm).bias + split[:, :-1].sum(axis=1)
    single = algorithm in ("hist_gradient_boosting", "xgboost")
    np.testing.assert_allclose(total, split[:, -1], rtol=0, atol=5e-6 if single else 1e-12)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_row_has_the_same_bits_alone_and_in_any_batch(algorithm) -> None:
    x, engine = rows()[0][:60], fitted(algorithm)
    alone = np.concatenate([engine.predict_proba(row[None, :]) for row in x])
    assert alone.tobytes() == engine.predict_proba(x).tobytes() == engine.predict_proba(x[::-1])[::-1].tobytes()
    split = np.concatenate([engine.contributions(row[None, :]) for row in x])
    assert split.tobytes() == engine.contributions(x).tobytes() == engine.contributions(x[::-1])[::-1].tobytes()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_device_without_history_is_scored(algorithm) -> None:
    x = rows()[0][:5].copy()
    x[:, 4:] = np.nan
    risk, factors = fitted(algorithm).score(x)
    assert np.isfinite(risk).all() and ((risk > 0) & (risk < 1)).all()
    assert len(factors) == len(risk)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_score_and_predict_proba_give_the_same_risk(algorithm) -> None:
    x, engine = rows()[0][:50], fitted(algorithm)
    assert engine.score(x)[0].tobytes() == engine.predict_proba(x).tobytes()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_seed_and_rows_give_the_same_bits(algorithm) -> None:
    again = MLEngine(PACEMAKER, **QUICK, algorithm=algorithm).fit(*rows())
    assert again.predict_proba(rows()[0]).tobytes() == fitted(algorithm).predict_proba(rows()[0]).tobytes()


def test_only_the_forest_has_an_out_of_bag_score() -> None:
    assert 0.5 < fitted("random_forest").oob_score < 1
    assert fitted("logistic_regression").oob_score is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_sampled_negatives_do_not_raise_the_risk(algorithm) -> None:
    x, labels = rows(6_000)
    rare = labels * (np.arange(len(labels)) % 5 == 0).astype(np.int8)
    engine = MLEngine(PACEMAKER, **QUICK, algorithm=algorithm, negatives_per_positive=2).fit(x, rare)
    assert engine.trained_rows["negative"] == 2 * engine.trained_rows["positive"]
    assert engine.predict_proba(x).mean() == pytest.approx(rare.mean(), rel=0.6)


def test_a_calibration_that_is_carried_over_brings_the_mean_risk_to_the_observed_share_and_keeps_the_ranking() -> None:
    x, labels = rows(6_000)
    rarer = labels.copy()
    rarer[4_000::2] = 0
    older = MLEngine(PACEMAKER, **QUICK).fit(x[:2_000], labels[:2_000])
    engine = MLEngine(PACEMAKER, **QUICK).fit(x[:4_000], labels[:4_000])
    before = engine.predict_proba(x)
    engine.carry_over(calibration.fitted(older.log_odds(x[4_000:]), rarer[4_000:]))
    after = engine.predict_proba(x)
    observed = rarer[4_000:].mean()
    assert before[4_000:].mean() > 1.6 * observed
    assert after[4_000:].mean() == pytest.approx(observed, rel=0.3)  # not exact: the older fit learned from less
    np.testing.assert_array_equal(np.argsort(before, kind="stable"), np.argsort(after, kind="stable"))


def test_too_few_failures_and_a_reversed_ranking_change_no_calibration() -> None:
    x, labels = rows()
    log_odds = MLEngine(PACEMAKER, **QUICK).fit(x, labels).log_odds(x)
    assert calibration.fitted(log_odds[:10], labels[:10]) == Scaling()
    assert calibration.fitted(-log_odds, labels) == Scaling()
    assert calibration.fitted(log_odds, labels) != Scaling()
