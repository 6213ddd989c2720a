"""Spans in time and folds of devices: nothing the judge sees was seen before."""

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.splits import grouped_folds, split_in_time

DAY = SECONDS_PER_DAY
HORIZON_S = 7 * DAY


def test_between_spans_lies_more_than_a_horizon() -> None:
    split = split_in_time(np.arange(100, dtype=np.int64) * DAY, HORIZON_S, now_s=200 * DAY)
    assert split.validation.from_s - split.train.to_s > HORIZON_S
    assert split.test.from_s - split.validation.to_s > HORIZON_S
    assert split.test.to_s == 99 * DAY


def test_the_last_horizon_before_now_is_left_out_because_only_failures_can_be_known() -> None:
    split = split_in_time(np.arange(100, dtype=np.int64) * DAY, HORIZON_S, now_s=100 * DAY)
    assert split.test.to_s == 93 * DAY


def test_too_short_a_history_says_what_is_missing() -> None:
    with pytest.raises(TrainingImpossibleError, match=r"cover 20 days.* need 24") as refused:
        split_in_time(np.arange(21, dtype=np.int64) * DAY, HORIZON_S, now_s=200 * DAY)
    assert refused.value.code == "span_too_short"


def test_no_rows_at_all_are_too_short_as_well() -> None:
    with pytest.raises(TrainingImpossibleError):
        split_in_time(np.empty(0, dtype=np.int64), HORIZON_S, now_s=200 * DAY)


def test_no_device_is_on_both_sides_of_a_fold_and_each_is_tested_once() -> None:
    device_ids = np.repeat(np.arange(23), 4)
    tested = []
    for train, test in grouped_folds(device_ids, 5, seed=1):
        assert not set(device_ids[train]) & set(device_ids[test])
        tested += list(np.unique(device_ids[test]))
    assert sorted(tested) == list(range(23))
