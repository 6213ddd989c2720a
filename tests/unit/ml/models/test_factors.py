"""Factors: facts in words of the profile, beside the device's own baseline and the normal range."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from pacewatch.contracts.profile import windows
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.contracts.profiles.features import slope
from pacewatch.ml.models.factors import text_of, to_factors
from pacewatch.ml.models.facts import NOTHING, Facts, group_names

GROUPS = group_names(PACEMAKER)


def facts(**known: tuple[float, str, float, float]) -> Facts:
    """One row: by group the sum, the predictor, its value and the baseline, measured 29 days before."""
    absent = (0.0, "", math.nan, math.nan)
    sums, names, values, baselines = zip(*(known.get(group, absent) for group in GROUPS), strict=True)
    predictors = [PACEMAKER.predictors.index(name) if name else NOTHING for name in names]
    return Facts(np.array([sums]), np.array([predictors]), np.array([values]), np.array([baselines]), np.array([29.0]))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("capture_threshold_v", 4.25, "capture threshold 4.25 V, was 0.75 V a month ago; normal up to 2 V"),
        ("capture_threshold_v", 2.0625, "capture threshold 2.062 V, was 0.75 V a month ago; normal up to 2 V"),
        (
            "capture_threshold_v_delta_per_day_3d",
            0.3,
            "capture threshold +0.90 V in 3 days, was 0.75 V a month ago; normal up to 2 V",
        ),
        (
            "capture_threshold_v_delta_per_day_7d",
            -0.1,
            "capture threshold -0.70 V in 7 days, was 0.75 V a month ago; normal up to 2 V",
        ),
        ("capture_threshold_v_rolling_std_7d", 0.0, "capture threshold did not change over 7 days"),
    ],
)  # fmt: skip
def test_a_factor_is_shown_beside_the_baseline_and_the_normal_range(name, value, text) -> None:
    assert text_of(PACEMAKER, name, value, 0.75, 29.2) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("lead_impedance_ohms", 1234.4, "lead impedance 1,234 ohm; normal 250 to 1,000 ohm"),
        ("battery_voltage_v_rolling_mean_7d", 2.7, "battery voltage averages 2.70 V over 7 days; normal 2.64 to 3 V"),
        ("battery_voltage_v_rolling_min_30d", 2.6, "battery voltage down to 2.60 V in 30 days; normal 2.64 to 3 V"),
        ("r_wave_sensing_mv_ratio_to_baseline_30d", 0.6,
         "R-wave sensing 40 % below its 30 days' mean; normal 3 to 25 mV"),
        ("battery_voltage_v_rolling_std_30d", 0.0042, "battery voltage varies by 0.004 V over 30 days"),
        ("lead_impedance_ohms_outside_normal_7d", 6.0,
         "lead impedance outside normal (250 to 1,000 ohm) in 6 readings of 7 days"),
        ("worst_distance", 0.304, "the worst signal is 30 % of its normal range outside it"),
        ("worst_distance", -0.02, "the worst signal is 2 % of its normal range from a limit"),
        ("days_since_implanted_at", 1_500.4, "implanted 1,500 days ago"),
        ("days_since_reading", 5.0, "the reading before came 5 days earlier"),
        ("battery_voltage_v", 2.5, "battery voltage 2.50 V; elective replacement at 2.63 V or under"),
        ("lead_impedance_ohms", 3_200.0, "lead impedance 3,200 ohm; conductor fracture at 3,000 ohm or over"),
    ],
)  # fmt: skip
def test_without_a_baseline_the_rest_is_shown(name, value, text) -> None:
    assert text_of(PACEMAKER, name, value) == text


def test_a_slope_says_where_the_signal_goes() -> None:
    features = windows((slope,), PACEMAKER.signals, (30,))
    profile = replace(PACEMAKER, extra_features=features)
    assert text_of(profile, "battery_voltage_v_slope_30d", -0.0042) == (
        "battery voltage falls by 0.004 V a day over 30 days; normal 2.64 to 3 V"
    )
    assert text_of(profile, "battery_voltage_v_slope_30d", 0.0) == (
        "battery voltage neither rises nor falls over 30 days; normal 2.64 to 3 V"
    )


def test_a_baseline_of_less_than_a_month_says_its_age() -> None:
    assert "was 0.75 V 6 days ago" in text_of(PACEMAKER, "capture_threshold_v", 4.25, 0.75, 6.1)


def test_a_missing_window_is_described_with_its_effect_on_the_risk() -> None:
    text = text_of(PACEMAKER, "lead_impedance_ohms_rolling_mean_7d", math.nan, effect="lowers")
    assert text == "lead impedance: no 7 days of history, which lowers the risk"
    assert text_of(MACHINE, "model_code", math.nan, effect="raises") == "model: not known, which raises the risk"
    assert text_of(MACHINE, "model_code", 2.0) == "model model3"


@pytest.mark.parametrize("profile", [PACEMAKER, MACHINE])
@pytest.mark.parametrize("value", [0.0, 0.000_123, 1.0, 3.0])
def test_every_predictor_of_every_profile_has_a_text_without_a_zero_that_is_none(profile, value) -> None:
    for name in profile.predictors:
        text = text_of(profile, name, value)
        assert text
        assert not re.search(r" -?0(\.0+)? (V|ohm|mV)", text) or not value


def test_a_predictor_that_the_profile_no_longer_has_is_described_by_its_name() -> None:
    assert text_of(PACEMAKER, "heart_rate", 61.5) == "heart rate 61.5"


def test_factors_are_what_stands_out_the_largest_first() -> None:
    known = facts(
        lead_impedance_ohms=(0.3, "lead_impedance_ohms", 1_200.0, 600.0),
        capture_threshold_v=(-0.5, "capture_threshold_v_rolling_max_7d", 4.0, 0.75),
        r_wave_sensing_mv=(2.0, "", math.nan, 9.0),
    )
    (factors,) = to_factors(PACEMAKER, known)
    assert [(factor.signal, factor.contribution) for factor in factors] == [
        ("capture_threshold_v", -0.5),
        ("lead_impedance_ohms", 0.3),
    ]
    assert (factors[1].name, factors[1].value, factors[1].baseline) == ("lead_impedance_ohms", 1_200.0, 600.0)


def test_a_hard_limit_comes_first() -> None:
    known = facts(
        capture_threshold_v=(2.5, "capture_threshold_v", 4.0, 0.75),
        battery_voltage_v=(0.1, "battery_voltage_v", 2.5, 2.7),
    )
    assert [factor.signal for factor in to_factors(PACEMAKER, known)[0]] == ["battery_voltage_v", "capture_threshold_v"]


def test_a_sum_far_below_the_largest_is_no_reason() -> None:
    known = facts(
        lead_impedance_ohms=(0.09, "lead_impedance_ohms", 900.0, 600.0),
        capture_threshold_v=(1.0, "", math.nan, 0.75),
        battery_voltage_v=(0.01, "battery_voltage_v", 2.5, 2.7),
    )
    assert [factor.signal for factor in to_factors(PACEMAKER, known)[0]] == ["battery_voltage_v"]  # at its limit


def test_a_reading_outside_its_normal_range_is_a_reason_however_small_its_sum() -> None:
    known = facts(
        capture_threshold_v=(1.0, "capture_threshold_v", 3.0, 0.75),
        r_wave_sensing_mv=(0.02, "r_wave_sensing_mv", 2.3, 9.0),
    )
    assert [factor.text for factor in to_factors(PACEMAKER, known)[0]] == [
        "capture threshold 3.00 V, was 0.75 V a month ago; normal up to 2 V",
        "R-wave sensing 2.3 mV, was 9.0 mV a month ago; normal 3 to 25 mV",
    ]


def test_where_nothing_stands_out_there_is_no_factor() -> None:
    assert to_factors(PACEMAKER, facts()) == [[]]
