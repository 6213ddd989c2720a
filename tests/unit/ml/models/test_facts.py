"""Facts: contributions summed by signal, each signal with a predictor that stands out."""

import numpy as np
import pytest

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.models.facts import NOTHING, Baselines, Facts, Usual, facts_of, group_names

NAMES = PACEMAKER.predictors
HEALTHY = {"lead_impedance_ohms": 600.0, "capture_threshold_v": 0.75, "r_wave_sensing_mv": 10.0, "battery": 2.8}
THRESHOLD = PACEMAKER.signal_names.index("capture_threshold_v")
BATTERY = PACEMAKER.signal_names.index("battery_voltage_v")


def row(**values: float) -> np.ndarray:
    """A healthy device in which nothing changes, but for these values."""
    unchanged = {"_ratio_": 1.0, "_std_": 0.0, "_delta_": 0.0, "_outside_": 0.0}
    known = unchanged | HEALTHY
    healthy = [next((value for part, value in known.items() if part in one), 0.0) for one in NAMES]
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


@pytest.mark.parametrize("sign", [1, -1])
def test_a_signal_outside_its_normal_range_is_shown_by_its_reading(sign: int) -> None:
    sizes = contributions(capture_threshold_v_rolling_max_7d=0.4 * sign)
    x = row(capture_threshold_v=3.0, capture_threshold_v_rolling_max_7d=4.5)
    assert teller(facts_of(PACEMAKER, x, sizes, USUAL), THRESHOLD) == "capture_threshold_v"


def before(**values: float) -> Baselines:
    """Healthy baselines but for these values, of 29 days before."""
    baselines = row()[:, : len(PACEMAKER.signals)]
    for name, value in values.items():
        baselines[0, PACEMAKER.signal_names.index(name)] = value
    return baselines, np.array([29.0])


def shown_by(name: str, value: float, group: int, baselines: Baselines | None = None, **others: float) -> str | None:
    """What tells about a group if this predictor raises the risk, is `value` and the fleet has other ones."""
    x = row(**{name: value}, **others)
    return teller(facts_of(PACEMAKER, x, contributions(**{name: 1.0}), NARROW, baselines), group)


NARROW = Usual(tuple(row()[0] - 1e-4), tuple(row()[0] + 1e-4))
"""A fleet in which all devices have very nearly the same values."""


@pytest.mark.parametrize(
    ("name", "value", "was"),
    [
        ("battery_voltage_v_rolling_mean_30d", 2.638, 2.6399),  # both read 2.64 V, where the normal range begins
        ("battery_voltage_v_rolling_min_7d", 2.788, 2.792),
        ("battery_voltage_v_ratio_to_baseline_30d", 0.996, 2.8),
        ("battery_voltage_v_rolling_std_7d", 0.003, 2.8),
        ("capture_threshold_v_delta_per_day_7d", 0.00006, 2.8),
    ],
)
def test_what_reads_as_no_change_and_as_normal_is_no_reason(name: str, value: float, was: float) -> None:
    group = BATTERY if name.startswith("battery") else THRESHOLD
    assert shown_by(name, value, group, before(battery_voltage_v=was)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("battery_voltage_v_rolling_mean_30d", 2.70),
        ("battery_voltage_v_ratio_to_baseline_30d", 0.97),
        ("battery_voltage_v_rolling_std_7d", 0.03),
        ("capture_threshold_v_delta_per_day_7d", 0.0006),
    ],
)
def test_an_unusual_change_that_can_be_read_is_a_reason(name: str, value: float) -> None:
    group = BATTERY if name.startswith("battery") else THRESHOLD
    assert shown_by(name, value, group, before()) == name


def test_an_unusual_value_is_no_reason_unless_it_reads_otherwise_than_what_is_usual() -> None:
    assert shown_by("battery_voltage_v_rolling_mean_30d", 2.797, BATTERY, before(battery_voltage_v=2.9)) is None


def test_no_change_is_no_reason_even_if_the_fleet_changes() -> None:
    name = "capture_threshold_v_delta_per_day_7d"
    usual = Usual((-0.3,) * len(NAMES), (-0.1,) * len(NAMES))
    assert teller(facts_of(PACEMAKER, row(), contributions(**{name: 1.0}), usual), THRESHOLD) is None


def test_less_variation_than_usual_is_no_reason() -> None:
    name = "capture_threshold_v_rolling_std_30d"
    usual = Usual((0.05,) * len(NAMES), (0.2,) * len(NAMES))
    for value, teller_of in ((0.0, None), (0.3, name)):
        facts = facts_of(PACEMAKER, row(**{name: value}), contributions(**{name: 1.0}), usual)
        assert teller(facts, THRESHOLD) == teller_of


@pytest.mark.parametrize(
    ("name", "value", "group"),
    [
        ("battery_voltage_v_rolling_min_30d", 2.95, BATTERY),  # its hard limit is a low one
        ("capture_threshold_v_rolling_mean_7d", 0.4, THRESHOLD),  # no reading is below its normal range
        ("capture_threshold_v_delta_per_day_7d", -0.1, THRESHOLD),
    ],
)
def test_an_unusual_value_at_the_healthy_end_is_no_reason(name: str, value: float, group: int) -> None:
    assert shown_by(name, value, group, before()) is None


def test_a_signal_clearly_off_its_baseline_is_shown_by_its_reading() -> None:
    name = "capture_threshold_v_delta_per_day_3d"
    assert shown_by(name, 0.2, THRESHOLD, before(), capture_threshold_v=1.5) == "capture_threshold_v"
    assert shown_by(name, 0.2, THRESHOLD, before(), capture_threshold_v=0.8) == name
    usual = Usual((-1e9,) * len(NAMES), (1e9,) * len(NAMES))
    facts = facts_of(PACEMAKER, row(capture_threshold_v=1.5), contributions(**{name: 1.0}), usual, before())
    assert teller(facts, THRESHOLD) is None


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
