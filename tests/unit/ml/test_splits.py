"""Spans in time and folds of devices: nothing the judge sees was seen before."""

from collections.abc import Iterable

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.training.splits import Ints, grouped_folds, split_in_time

DAY = SECONDS_PER_DAY
HORIZON_S = 7 * DAY


def daily(days: Iterable[int], devices: int = 40) -> tuple[Ints, Ints]:
    """Device and time of one row a device and day."""
    times_s = np.fromiter(days, dtype=np.int64) * DAY
    return np.repeat(np.arange(devices), len(times_s)), np.tile(times_s, devices)


def test_between_spans_lies_more_than_a_horizon() -> None:
    split = split_in_time(*daily(range(100)), HORIZON_S, now_s=200 * DAY)
    assert split.validation.from_s - split.train.to_s > HORIZON_S
    assert split.test.from_s - split.validation.to_s > HORIZON_S
    assert split.test.to_s == 99 * DAY


def test_the_last_horizon_before_now_is_left_out_because_only_failures_can_be_known() -> None:
    split = split_in_time(*daily(range(100)), HORIZON_S, now_s=100 * DAY)
    assert split.test.to_s == 93 * DAY


def test_too_short_a_history_says_what_is_missing() -> None:
    with pytest.raises(TrainingImpossibleError, match=r"cover 20 days.* need 24") as refused:
        split_in_time(*daily(range(21)), HORIZON_S, now_s=200 * DAY)
    assert refused.value.code == "span_too_short"


def test_no_rows_at_all_are_too_short_as_well() -> None:
    with pytest.raises(TrainingImpossibleError):
        split_in_time(*daily(()), HORIZON_S, now_s=200 * DAY)


def test_a_device_whose_clock_was_set_back_for_years_moves_no_border() -> None:
    ids, times_s = daily(range(5_000, 5_100))
    lost_ids, lost_s = daily(range(5_000), devices=1)
    expected = split_in_time(ids, times_s, HORIZON_S, now_s=6_000 * DAY)
    split = split_in_time(np.append(ids, lost_ids), np.append(times_s, lost_s), HORIZON_S, now_s=6_000 * DAY)
    assert (split.validation, split.test) == (expected.validation, expected.test)
    assert (split.train.from_s, split.train.to_s) == (0, expected.train.to_s)


def test_years_between_an_archive_and_today_are_no_time_of_the_fleet() -> None:
    days = [*range(100), *range(2_000, 2_100)]
    split = split_in_time(*daily(days), HORIZON_S, now_s=3_000 * DAY)
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
