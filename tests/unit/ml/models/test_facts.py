"""Facts: contributions summed by signal, each signal with a predictor that stands out."""

import numpy as np
import pytest

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.models.facts import NOTHING, Facts, Usual, facts_of, group_names

NAMES = PACEMAKER.predictors
HEALTHY = {"lead_impedance_ohms": 600.0, "capture_threshold_v": 0.75, "r_wave_sensing_mv": 10.0, "battery": 2.8}
THRESHOLD = PACEMAKER.signal_names.index("capture_threshold_v")
BATTERY = PACEMAKER.signal_names.index("battery_voltage_v")


def row(**values: float) -> np.ndarray:
    """A healthy device in every predictor that is in its signal's unit, but for these values."""
    healthy = [next((v for name, v in HEALTHY.items() if one.startswith(name)), 0.0) for one in NAMES]
    x = np.array([healthy])
    for name, value in values.items():
        x[0, NAMES.index(name)] = value
    return x


def contributions(**sizes: float) -> np.ndarray:
    found = np.zeros((1, len(NAMES)))
    for name, size in sizes.items():
        found[0, NAMES.index(name)] = size
    return found


USUAL = Usual(tuple(row()[0] * 0.9), tuple(row()[0] * 1.1))


def teller(facts: Facts, group: int) -> str | None:
    """The predictor that tells about a group, by name."""
    place = facts.predictors[0, group]
    return None if place == NOTHING else NAMES[place]


def test_contributions_are_summed_by_signal_and_no_part_is_lost() -> None:
    sizes = np.random.default_rng(1).normal(size=(5, len(NAMES)))
    facts = facts_of(PACEMAKER, np.ones((5, len(NAMES))), sizes, None)
    np.testing.assert_allclose(facts.sums.sum(axis=1), sizes.sum(axis=1), rtol=1e-12)
    of_threshold = [place for place, name in enumerate(NAMES) if name.startswith("capture_threshold_v")]
    np.testing.assert_allclose(facts.sums[:, THRESHOLD], sizes[:, of_threshold].sum(axis=1), rtol=1e-12)


def test_the_largest_contribution_among_what_stands_out_tells_about_its_signal() -> None:
    sizes = contributions(
        capture_threshold_v_rolling_mean_30d=0.9,
        capture_threshold_v_rolling_mean_7d=0.2,
        capture_threshold_v_rolling_max_7d=0.4,
    )
    values = {"capture_threshold_v_rolling_mean_7d": 3.0, "capture_threshold_v_rolling_max_7d": 4.5}
    facts = facts_of(PACEMAKER, row(**values), sizes, USUAL)
    assert teller(facts, THRESHOLD) == "capture_threshold_v_rolling_max_7d"
    assert (facts.values[0, THRESHOLD], facts.sums[0, THRESHOLD]) == (4.5, pytest.approx(1.5))


@pytest.mark.parametrize(("sign", "name"), [(1, "capture_threshold_v"), (-1, "capture_threshold_v_rolling_max_7d")])
def test_a_reading_outside_its_normal_range_shows_why_a_signal_raises_the_risk(sign: int, name: str) -> None:
    sizes = contributions(capture_threshold_v_rolling_max_7d=0.4 * sign)
    x = row(capture_threshold_v=3.0, capture_threshold_v_rolling_max_7d=4.5)
    assert teller(facts_of(PACEMAKER, x, sizes, USUAL), THRESHOLD) == name


def test_a_healthy_value_is_no_reason_however_much_it_contributes() -> None:
    facts = facts_of(PACEMAKER, row(), contributions(battery_voltage_v_rolling_mean_30d=3.0), USUAL)
    assert [teller(facts, group) for group in range(len(group_names(PACEMAKER)))] == [None] * 5
    assert facts.sums[0, BATTERY] == 3.0


def test_a_value_inside_the_normal_range_that_few_of_the_fleet_have_is_a_reason() -> None:
    x, sizes = row(battery_voltage_v_rolling_mean_30d=2.65), contributions(battery_voltage_v_rolling_mean_30d=3.0)
    usual = Usual((2.7,) * len(NAMES), (1e9,) * len(NAMES))
    assert teller(facts_of(PACEMAKER, x, sizes, usual), BATTERY) == "battery_voltage_v_rolling_mean_30d"
    assert teller(facts_of(PACEMAKER, x, sizes, None), BATTERY) is None


def test_what_contradicts_the_sum_of_its_signal_is_no_reason() -> None:
    sizes = contributions(capture_threshold_v_rolling_mean_7d=-0.2, capture_threshold_v_rolling_mean_3d=1.0)
    x = row(capture_threshold_v_rolling_mean_7d=3.0)
    assert teller(facts_of(PACEMAKER, x, sizes, USUAL), THRESHOLD) is None


def test_the_distance_of_the_worst_signal_counts_for_that_signal() -> None:
    x = np.concatenate([row(capture_threshold_v=3.0), row(battery_voltage_v=2.62), row()])
    sizes = np.concatenate([contributions(worst_distance=1.5)] * 3)
    facts = facts_of(PACEMAKER, x, sizes, USUAL)
    assert [facts.sums[one].tolist() for one in range(2)] == [[0, 1.5, 0, 0, 0], [0, 0, 0, 1.5, 0]]
    assert (facts.sums.sum(axis=1) == 1.5).all()
    assert teller(facts, THRESHOLD) == "capture_threshold_v"


@pytest.mark.parametrize(("count", "reason"), [(0.0, None), (1.0, "capture_threshold_v_outside_normal_7d")])
def test_fewer_readings_outside_the_normal_range_than_usual_are_no_reason(count: float, reason: str | None) -> None:
    name = "capture_threshold_v_outside_normal_7d"
    usual = Usual((2.0,) * len(NAMES), (3.0,) * len(NAMES))
    x = row(**{name: count})
    facts = facts_of(PACEMAKER, x, contributions(**{name: 1.0}), usual)
    assert (teller(facts, THRESHOLD) == name) is (reason is not None)


def test_a_missing_value_is_no_reason() -> None:
    sizes = contributions(capture_threshold_v_rolling_mean_3d=1.0)
    x = row(capture_threshold_v_rolling_mean_3d=np.nan)
    assert teller(facts_of(PACEMAKER, x, sizes, USUAL), THRESHOLD) is None


def test_a_signal_at_its_hard_limit_is_shown_by_its_reading() -> None:
    sizes = contributions(battery_voltage_v_rolling_mean_3d=3.0)
    x = row(battery_voltage_v=2.5, battery_voltage_v_rolling_mean_3d=2.55)
    assert teller(facts_of(PACEMAKER, x, sizes, USUAL), BATTERY) == "battery_voltage_v"
    assert teller(facts_of(PACEMAKER, x, -sizes, USUAL), BATTERY) == "battery_voltage_v"


def test_a_row_has_the_same_bits_in_any_batch() -> None:
    rng = np.random.default_rng(2)
    x, sizes = rng.normal(2, 1, (300, len(NAMES))), rng.normal(size=(300, len(NAMES)))
    together = facts_of(PACEMAKER, x, sizes, USUAL)
    for rows in (slice(0, 1), slice(7, 50), slice(299, 300)):
        alone = facts_of(PACEMAKER, x[rows], sizes[rows], USUAL)
        assert alone.sums.tobytes() == together.sums[rows].tobytes()
        assert (alone.predictors == together.predictors[rows]).all()


def test_the_usual_is_the_middle_of_the_fleet_without_missing_values() -> None:
    x = np.stack([np.arange(1001.0), np.where(np.arange(1001) % 2, np.nan, 5.0), np.full(1001, np.nan)], axis=1)
    usual = Usual.of(np.random.default_rng(3).permutation(x).astype(np.float32))
    assert (usual.low[0], usual.high[0]) == (50, 950)
    assert (usual.low[1], usual.high[1]) == (5, 5)
    assert np.isnan([usual.low[2], usual.high[2]]).all()
