"""Labels from outcomes: positive, negative, or unknown."""

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Label
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of

DAY = SECONDS_PER_DAY
LABEL = Label("fails", horizon_days=7)


def labels(days, failed_on=(), now=100, device=0):
    times = np.array(days, dtype=np.int64) * DAY
    failures = Failures(np.zeros(len(failed_on), dtype=np.int64), np.array(failed_on, dtype=np.int64) * DAY)
    return labels_of(LABEL, Readings(np.full(len(days), device), times), failures, now * DAY).tolist()


def test_a_row_is_positive_up_to_seven_days_before_a_failure_and_not_at_it() -> None:
    assert labels([2, 3, 9, 10, 30], failed_on=[10]) == [0, 1, 1, 0, -1]


def test_a_device_that_fell_silent_has_no_negative_in_its_last_week() -> None:
    assert labels([0, 5, 6, 12]) == [0, 0, -1, -1]


def test_no_row_is_negative_before_its_horizon_has_passed() -> None:
    assert labels([0, 5, 20], now=10) == [0, -1, -1]


def test_each_failure_of_a_device_that_keeps_sending_counts() -> None:
    assert labels([1, 8, 20, 28, 60], failed_on=[8, 30]) == [1, 0, 0, 1, -1]


def test_another_devices_failure_changes_nothing() -> None:
    assert labels([2, 3, 30], failed_on=[10], device=4) == [0, 0, -1]


def test_without_failures_nothing_is_positive() -> None:
    assert labels([0, 10, 20]) == [0, 0, -1]
