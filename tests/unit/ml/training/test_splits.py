"""Spans in time and folds of devices: nothing that evaluates was trained on."""

from collections.abc import Iterable

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.training.splits import grouped_folds, split_in_time

DAY = SECONDS_PER_DAY
HORIZON_S = 7 * DAY


def daily(days: Iterable[int], devices: int = 40) -> Readings:
    """One row per device and day."""
    times_s = np.fromiter(days, dtype=np.int64) * DAY
    return Readings(np.repeat(np.arange(devices), len(times_s)), np.tile(times_s, devices))


def test_spans_are_more_than_a_horizon_apart() -> None:
    split = split_in_time(daily(range(100)), HORIZON_S, now_s=200 * DAY)
    assert split.validation.from_s - split.train.to_s > HORIZON_S
    assert split.test.from_s - split.validation.to_s > HORIZON_S
    assert split.test.to_s == 99 * DAY


def test_the_last_horizon_before_now_is_left_out() -> None:
    split = split_in_time(daily(range(100)), HORIZON_S, now_s=100 * DAY)
    assert split.test.to_s == 93 * DAY


def test_a_history_that_is_too_short_is_refused_with_the_days_needed() -> None:
    with pytest.raises(TrainingImpossibleError, match=r"cover 20 days.* need 24") as refused:
        split_in_time(daily(range(21)), HORIZON_S, now_s=200 * DAY)
    assert refused.value.code == "span_too_short"


def test_a_history_without_rows_is_refused() -> None:
    with pytest.raises(TrainingImpossibleError):
        split_in_time(daily(()), HORIZON_S, now_s=200 * DAY)


def test_a_device_with_a_clock_years_behind_moves_no_border() -> None:
    keys, early = daily(range(5_000, 5_100)), daily(range(5_000), devices=1)
    expected = split_in_time(keys, HORIZON_S, now_s=6_000 * DAY)
    split = split_in_time(Readings.concatenated([keys, early]), HORIZON_S, now_s=6_000 * DAY)
    assert (split.validation, split.test) == (expected.validation, expected.test)
    assert (split.train.from_s, split.train.to_s) == (0, expected.train.to_s)


def test_years_without_readings_count_as_no_time() -> None:
    days = [*range(100), *range(2_000, 2_100)]
    split = split_in_time(daily(days), HORIZON_S, now_s=3_000 * DAY)
    assert (split.train.to_s // DAY, split.test.from_s // DAY) == (2_018, 2_062)
    for span in (split.train, split.validation, split.test):
        assert span.of(np.array(days) * DAY).sum() > 25
    assert split.validation.from_s - split.train.to_s > HORIZON_S


def test_no_device_is_on_both_sides_of_a_fold_and_each_is_tested_once() -> None:
    device_ids = np.repeat(np.arange(23), 4)
    tested = []
    for train, test in grouped_folds(device_ids, 5, seed=1):
        assert not set(device_ids[train]) & set(device_ids[test])
        tested += list(np.unique(device_ids[test]))
    assert sorted(tested) == list(range(23))
