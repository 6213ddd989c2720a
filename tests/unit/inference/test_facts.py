"""Facts as arrays of numbers, and as factors."""

import json
import math
from typing import Any

import numpy as np

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.scoring import facts
from pacewatch.ml.models.factors import to_factors
from pacewatch.ml.models.facts import NOTHING, Facts

ABOUT = Facts(
    sums=np.array([[0.25, -0.5, 0.0, 0.125, 0.0625]]),
    predictors=np.array([[0, NOTHING, NOTHING, 3, NOTHING]]),
    values=np.array([[1_200.0, math.nan, math.nan, 2.6, math.nan]]),
    baselines=np.array([[600.0, 0.75, 9.0, math.nan, math.nan]]),
    days=np.array([29.0]),
)


def row(**columns: Any) -> dict[str, Any]:
    return {"facts": None, "reasons": None, "foreign_manifest": None} | columns


def test_an_array_has_the_age_of_baselines_then_four_numbers_for_each_group() -> None:
    expected = [29, 0.25, 0, 1_200, 600, -0.5, -1, np.nan, 0.75, 0, -1, np.nan, 9]
    np.testing.assert_array_equal(facts.to_stored(ABOUT)[0, :13], expected)
    assert facts.to_stored(ABOUT).shape == (1, 21)


def test_stored_facts_read_as_the_factors_that_they_were() -> None:
    stored = row(facts=facts.to_stored(ABOUT)[0].tolist())
    assert facts.factors_of(PACEMAKER, stored) == to_factors(PACEMAKER, ABOUT)[0]
    assert facts.sums_of(PACEMAKER, stored) == {
        "lead_impedance_ohms": 0.25,
        "capture_threshold_v": -0.5,
        "r_wave_sensing_mv": 0.0,
        "battery_voltage_v": 0.125,
        "other": 0.0625,
    }


def test_contributions_of_earlier_releases_read_as_factors_of_single_predictors() -> None:
    first, second = facts.factors_of(PACEMAKER, row(reasons=[1, 4.5, 0.25, 6, math.nan, -0.1]))
    assert (first.name, first.value, first.contribution) == ("capture_threshold_v", 4.5, 0.25)
    assert (second.value, second.text.endswith("which lowers the risk")) == (None, True)
    assert facts.sums_of(PACEMAKER, row(reasons=[])) == {}


def test_the_manifest_of_another_feature_set_names_the_predictors() -> None:
    manifest = json.dumps({"features": ["a", "lead_temperature"]})
    (factor,) = facts.factors_of(PACEMAKER, row(reasons=[1, 36.6, 0.5], foreign_manifest=manifest))
    assert (factor.name, factor.value, factor.contribution) == ("lead_temperature", 36.6, 0.5)
    stored = row(facts=[9, 0.5, 1, 36.6, math.nan], foreign_manifest=manifest)
    (factor,) = facts.factors_of(PACEMAKER, stored)
    assert (factor.name, factor.text) == ("lead_temperature", "lead temperature 36.6")


def test_a_score_without_facts_has_no_factors() -> None:
    assert facts.factors_of(PACEMAKER, row()) == []
