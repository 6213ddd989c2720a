"""Factors: the largest contributions first, in words of the profile."""

import math

import numpy as np
import pytest

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.ml.models.factors import TopContributions, to_factors, top_contributions


def text_of(profile: Profile, name: str, value: float, contribution: float) -> str:
    predictor = profile.predictors.index(name)
    top = TopContributions(np.array([[predictor]]), np.array([[value]]), np.array([[contribution]]))
    return to_factors(profile, top)[0][0].text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("capture_threshold_v_delta_per_day_3d", 0.3, "capture threshold +0.900 V in 3 days"),
        ("capture_threshold_v_delta_per_day_7d", -0.1, "capture threshold -0.700 V in 7 days"),
        ("lead_impedance_ohms", 1234.4, "lead impedance 1234 ohm"),
        ("lead_impedance_ohms_rolling_mean_7d", 640.0, "lead impedance averages 640 ohm over 7 days"),
        ("battery_voltage_v_rolling_min_30d", 2.6, "battery voltage as low as 2.60 V over 30 days"),
        ("days_since_implanted_at", 1_500.4, "implanted 1,500 days ago"),
        ("r_wave_sensing_mv_ratio_to_baseline_30d", 0.6, "R-wave sensing -40 % against its 30 days' mean"),
    ],
)
def test_a_factor_uses_the_labels_and_units_of_the_profile(name, value, text) -> None:
    assert text_of(PACEMAKER, name, value, 0.1) == text


def test_a_missing_window_is_described_with_its_effect_on_the_risk() -> None:
    text = text_of(PACEMAKER, "lead_impedance_ohms_rolling_mean_7d", math.nan, -0.2)
    assert text == "lead impedance: no 7 days of history, which lowers the risk"
    assert text_of(MACHINE, "model_code", math.nan, 0.1) == "model: not known, which raises the risk"
    assert text_of(MACHINE, "model_code", 2.0, 0.1) == "model model3"


@pytest.mark.parametrize("profile", [PACEMAKER, MACHINE])
def test_every_predictor_of_every_profile_has_a_text(profile) -> None:
    labels = tuple(one.label for one in (*profile.signals, *profile.attributes))
    for name in profile.predictors:
        assert text_of(profile, name, 1.0, 0.1).startswith(labels)


def test_a_predictor_that_the_profile_no_longer_has_is_described_by_its_name() -> None:
    top = TopContributions(np.array([[0]]), np.array([[61.5]]), np.array([[0.1]]))
    assert to_factors(PACEMAKER, top, ["heart_rate"])[0][0].text == "heart rate 61.5"


def test_factors_are_sorted_by_absolute_size() -> None:
    contributions = np.zeros((1, len(PACEMAKER.predictors)))
    contributions[0, [3, 1, 6]] = [0.1, -0.5, 0.2]
    (factors,) = to_factors(PACEMAKER, top_contributions(np.ones_like(contributions), contributions, 3))
    assert [factor.contribution for factor in factors] == [-0.5, 0.2, 0.1]
    assert [factor.name for factor in factors] == [PACEMAKER.predictors[i] for i in (1, 6, 3)]


def test_a_missing_value_is_none_and_not_nan() -> None:
    x = np.full((1, len(PACEMAKER.predictors)), np.nan)
    assert {factor.value for factor in to_factors(PACEMAKER, top_contributions(x, np.ones_like(x), 3))[0]} == {None}
