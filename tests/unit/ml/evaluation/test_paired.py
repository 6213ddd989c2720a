"""Differences of two rankings on the same rows."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score
from unit.ml.evaluation.holdouts import DAY, fleet_of

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.evaluation.labels import fails_within
from pacewatch.ml.evaluation.paired import beside, f1_more

PROFILE = replace(PACEMAKER, daily_alert_budget=0.01)
FAILURES = Failures(np.arange(0, 100, 4), np.full(25, 19 * DAY))


def labelled() -> Holdout:
    """100 devices for 19 days; every fourth fails on the twentieth."""
    holdout = fleet_of(100, 19)
    return replace(holdout, labels=fails_within(holdout.keys, FAILURES, 7 * DAY).astype(np.int8))


def test_the_better_ranking_catches_more_and_the_interval_says_so() -> None:
    holdout = labelled()
    noise = np.random.default_rng(0).random(len(holdout.labels))
    figures = beside(PROFILE, holdout, holdout.labels + 0.1 * noise, noise, FAILURES)
    assert (figures["rows"], figures["failures"]) == (1_900, 25)
    assert figures["candidate"]["roc_auc"] == 1 > figures["champion"]["roc_auc"]
    for name, more in figures["more"].items():
        assert more["value"] == pytest.approx(figures["candidate"][name] - figures["champion"][name])
        assert more["low"] > 0
    swapped = beside(PROFILE, holdout, noise, holdout.labels + 0.1 * noise, FAILURES)
    assert all(more["high"] < 0 for more in swapped["more"].values())


def test_a_ranking_does_not_differ_from_itself() -> None:
    holdout = labelled()
    risk = holdout.labels + np.random.default_rng(0).normal(0, 2, len(holdout.labels))
    more = beside(PROFILE, holdout, risk, risk, FAILURES)["more"]
    assert all(interval["value"] == 0 and interval["low"] <= 0 <= interval["high"] for interval in more.values())


def test_without_rows_there_are_no_figures() -> None:
    holdout = labelled()
    nothing = holdout.where(np.zeros(len(holdout.labels), dtype=bool))
    assert beside(PROFILE, nothing, np.zeros(0), np.zeros(0), FAILURES)["more"] == {}


def test_the_difference_of_f1_equals_scikit_learns() -> None:
    holdout = labelled()
    rng = np.random.default_rng(1)
    one, two = (rng.random(len(holdout.labels)) < np.where(holdout.labels == 1, share, 0.02) for share in (0.6, 0.2))
    more = f1_more(holdout, one, two)
    assert more["value"] == pytest.approx(f1_score(holdout.labels, one) - f1_score(holdout.labels, two))
    assert 0 < more["low"] < more["value"] < more["high"]
