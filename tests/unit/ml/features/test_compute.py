"""Features: equal to a slow reference, with the same bits in any row order and batch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.ml.features.reference import reference_features

from pacewatch.contracts.profile import SECONDS_PER_DAY, DeltaPerDay, RollingMean, RollingStd, windows
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.contracts.profiles.features import SinceReading, Slope, outside_normal, slope, worst_distance
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import compute_features, feature_set_hash, predictor_matrix

SIGNALS = PACEMAKER.signal_names
EVERY_KIND = replace(
    PACEMAKER,
    extra_features=tuple(
        dict.fromkeys(
            (
                *PACEMAKER.extra_features,
                *windows((outside_normal, slope), PACEMAKER.signals, (3, 30)),
                worst_distance(PACEMAKER.signals),
                SinceReading(30),
            )
        )
    ),
)
"""The pacemaker with features of all kinds, whether it declares them or not."""
DAY = SECONDS_PER_DAY


@st.composite
def histories(draw, max_rows=60):
    """Devices with irregular times, gaps and shared instants, in any order; values on a coarse grid so ties occur."""
    steps = st.sampled_from([60, 3_600, DAY // 2, DAY - 1, DAY, DAY + 1, 3 * DAY, 8 * DAY, 40 * DAY])
    device_ids, timestamps_s = [], []
    for device in range(draw(st.integers(1, 3))):
        t = 1_600_000_000
        for step in draw(st.lists(steps, min_size=1, max_size=max_rows // 3)):
            t += step
            device_ids.append(device * 7 - 3)
            timestamps_s.append(t)
    order = draw(st.permutations(range(len(device_ids))))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    values = {
        name: np.round(rng.uniform(0.5, 900, len(order)), draw(st.sampled_from([0, 12]))) + 0.5 for name in SIGNALS
    }
    return Readings(np.array(device_ids, dtype=np.int64)[order], np.array(timestamps_s, dtype=np.int64)[order], values)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_every_feature_agrees_with_the_slow_reference(history) -> None:
    expected = reference_features(EVERY_KIND.features, history.device_ids, history.timestamps_s, history.signals)
    np.testing.assert_allclose(compute_features(EVERY_KIND.features, history), expected, rtol=1e-12, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_row_order_changes_no_bit(history, random) -> None:
    ids, times, values = history.device_ids, history.timestamps_s, history.signals
    order = np.array(random.sample(range(len(ids)), len(ids)))
    shuffled = predictor_matrix(
        EVERY_KIND, Readings(ids[order], times[order], {n: v[order] for n, v in values.items()})
    )
    assert shuffled.tobytes() == predictor_matrix(EVERY_KIND, Readings(ids, times, values))[order].tobytes()


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 59))
def test_a_reading_computed_from_its_trailing_window_has_the_bits_of_the_whole_history(history, pick) -> None:
    ids, times, values = history.device_ids, history.timestamps_s, history.signals
    row = pick % len(ids)
    recent = (ids == ids[row]) & (times <= times[row]) & (times > times[row] - EVERY_KIND.longest_window_days * DAY)
    tail = {name: v[recent] for name, v in values.items()}
    alone = predictor_matrix(EVERY_KIND, Readings(ids[recent], times[recent], tail), only=times[recent] == times[row])
    assert alone.tobytes() == predictor_matrix(EVERY_KIND, Readings(ids, times, values))[row : row + 1].tobytes()


@settings(max_examples=30, deadline=None)
@given(histories(), st.integers(0, 59))
def test_future_readings_change_no_feature(history, pick) -> None:
    ids, times, values = history.device_ids, history.timestamps_s, history.signals
    until = times <= times[pick % len(ids)]
    planted = {name: np.where(until, v, 1e6) for name, v in values.items()}
    now = predictor_matrix(EVERY_KIND, Readings(ids, times, planted))[until]
    past = {name: v[until] for name, v in values.items()}
    assert now.tobytes() == predictor_matrix(EVERY_KIND, Readings(ids[until], times[until], past)).tobytes()


def _daily(days: int, value: float = 2.8):
    times = 1_600_000_000 + np.arange(days, dtype=np.int64) * DAY
    return Readings(np.zeros(days, dtype=np.int64), times, {name: np.full(days, value) for name in SIGNALS})


def test_many_devices_in_chunks_and_threads_have_the_bits_of_each_device_alone() -> None:
    ids = np.repeat(np.arange(50, dtype=np.int64), 800)
    times = np.tile(1_600_000_000 + np.arange(800, dtype=np.int64) * DAY, 50)
    values = {name: np.random.default_rng(3).normal(5, 1, len(ids)) for name in SIGNALS}
    together = predictor_matrix(EVERY_KIND, Readings(ids, times, values))
    for device in (0, 20, 49):
        rows = ids == device
        alone = predictor_matrix(EVERY_KIND, Readings(ids[rows], times[rows], {n: v[rows] for n, v in values.items()}))
        assert together[rows].tobytes() == alone.tobytes()
    order = np.random.default_rng(4).permutation(len(ids))
    some = np.random.default_rng(5).random(len(ids)) < 0.3
    shuffled = {n: v[order] for n, v in values.items()}
    chosen = predictor_matrix(EVERY_KIND, Readings(ids[order], times[order], shuffled), only=some)
    assert chosen.tobytes() == together[order[some]].tobytes()


def test_identifiers_too_far_apart_for_one_key_give_the_same_bits() -> None:
    ids = np.array([1, 0, 1, 0, 1, 0], dtype=np.int64)
    times = 1_600_000_000 + np.array([8 * DAY - 1, 4 * DAY, 0, DAY, 5 * DAY, 7 * DAY], dtype=np.int64)
    values = {name: np.random.default_rng(6).normal(5, 1, 6) for name in SIGNALS}
    near = predictor_matrix(EVERY_KIND, Readings(ids, times, values))
    assert predictor_matrix(EVERY_KIND, Readings(ids << 61, times, values)).tobytes() == near.tobytes()


def test_a_daily_device_is_covered_from_its_nth_day_on() -> None:
    mean = compute_features((RollingMean(SIGNALS[0], 7),), _daily(10))[:, 0]
    assert np.isnan(mean).tolist() == [True] * 7 + [False] * 3


def test_constant_readings_have_a_deviation_of_exactly_zero() -> None:
    std = compute_features((RollingStd(SIGNALS[0], 30),), _daily(60, value=0.1))[31:, 0]
    assert np.all(std == 0)


def test_a_straight_line_has_its_slope_and_a_constant_none() -> None:
    daily = _daily(40)
    line = 2.8 - 0.004 * np.arange(40)
    values = {SIGNALS[0]: line, SIGNALS[1]: np.full(40, 0.7)}
    features = (Slope(SIGNALS[0], 30, 1e-4), Slope(SIGNALS[1], 30, 1e-5))
    found = compute_features(features, Readings(daily.device_ids, daily.timestamps_s, values))
    np.testing.assert_allclose(found[30:, 0], -0.004, rtol=1e-9)
    assert np.all(found[30:, 1] == 0)
    assert np.isnan(found[:30]).all()


def test_sums_that_overflow_on_the_way_give_the_bits_of_the_window_alone() -> None:
    times = 1_600_000_000 + np.arange(20_000, dtype=np.int64) * DAY
    values = {SIGNALS[0]: np.random.default_rng(7).uniform(0, 10_000, len(times))}
    feature = (Slope(SIGNALS[0], 30, 1e-4),)
    whole = compute_features(feature, Readings(np.zeros(len(times), dtype=np.int64), times, values))
    tail = Readings(np.zeros(60, dtype=np.int64), times[-60:], {SIGNALS[0]: values[SIGNALS[0]][-60:]})
    assert compute_features(feature, tail)[-20:].tobytes() == whole[-20:].tobytes()
    elapsed_s = times - times[0]
    assert np.abs(elapsed_s.astype(float) * values[SIGNALS[0]] * 1e4).sum() > 2**63


def test_readings_of_minus_zero_have_the_bits_of_zero() -> None:
    daily = _daily(40, value=0.0)
    ids, times, values = daily.device_ids, daily.timestamps_s, daily.signals
    minus = {name: np.where(np.arange(40) % 3 == 0, -0.0, v) for name, v in values.items()}
    plain = predictor_matrix(EVERY_KIND, Readings(ids, times, values))
    assert predictor_matrix(EVERY_KIND, Readings(ids, times, minus)).tobytes() == plain.tobytes()


def test_of_two_equally_near_anchors_the_older_is_used() -> None:
    times = 1_600_000_000 + np.array([0, DAY, 3 * DAY + DAY // 2], dtype=np.int64)
    values = {SIGNALS[0]: np.array([1.0, 2.0, 8.0])}
    delta = compute_features((DeltaPerDay(SIGNALS[0], 3),), Readings(np.zeros(3, dtype=np.int64), times, values))[-1, 0]
    assert delta == (8.0 - 1.0) / 3.5


def test_two_readings_of_one_second_are_refused() -> None:
    daily = _daily(3)
    ids, times, values = daily.device_ids, daily.timestamps_s, daily.signals
    with pytest.raises(ValueError, match="same second"):
        compute_features(EVERY_KIND.features, Readings(ids, times * 0 + times[0], values))


def test_a_reading_that_is_not_finite_is_refused() -> None:
    daily = _daily(3)
    ids, times, values = daily.device_ids, daily.timestamps_s, daily.signals
    values[SIGNALS[0]][1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        compute_features(EVERY_KIND.features, Readings(ids, times, values))


def test_no_rows_give_an_empty_matrix() -> None:
    daily = _daily(0)
    ids, times, values = daily.device_ids, daily.timestamps_s, daily.signals
    assert predictor_matrix(EVERY_KIND, Readings(ids, times, values)).shape == (0, len(EVERY_KIND.predictors))


def test_the_hash_depends_on_every_predictor() -> None:
    other = replace(PACEMAKER, extra_features=PACEMAKER.extra_features[:-1])
    coarse, coarser = (replace(PACEMAKER, extra_features=(Slope(SIGNALS[0], 30, step),)) for step in (0.1, 1.0))
    hashes = {feature_set_hash(profile) for profile in (PACEMAKER, MACHINE, other, coarse, coarser)}
    assert len(hashes) == 5
    assert feature_set_hash(PACEMAKER) == feature_set_hash(replace(PACEMAKER))
