"""Contributions as arrays of numbers, and as factors."""

import json

import numpy as np

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.scoring import contributions
from pacewatch.ml.models import factors

X = np.array([[4.5, np.nan, 2.0]])
LARGEST = factors.largest(X, np.array([[0.25, -0.5, 0.125]]), k=2)


def test_an_array_has_position_value_and_contribution_of_each_predictor_largest_first() -> None:
    np.testing.assert_array_equal(contributions.to_stored(LARGEST), [[1, np.nan, -0.5, 0, 4.5, 0.25]])


def test_stored_contributions_read_as_the_factors_that_they_were() -> None:
    row = {"reasons": contributions.to_stored(LARGEST)[0].tolist(), "foreign_manifest": None}
    assert contributions.factors_of(PACEMAKER, row) == factors.in_words(PACEMAKER, LARGEST)[0]


def test_the_manifest_of_another_feature_set_names_the_predictors() -> None:
    row = {"reasons": [1, 36.6, 0.5], "foreign_manifest": json.dumps({"features": ["a", "lead_temperature"]})}
    (factor,) = contributions.factors_of(PACEMAKER, row)
    assert (factor.name, factor.value, factor.contribution) == ("lead_temperature", 36.6, 0.5)


def test_a_score_without_contributions_has_no_factors() -> None:
    assert contributions.factors_of(PACEMAKER, {"reasons": [], "foreign_manifest": None}) == []
