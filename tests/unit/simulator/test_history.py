"""Each reading once; a label's window excludes the reading's own time and includes the end of the horizon."""

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import Day, ReadingLog, reading_log
from pacewatch.simulator.failures.reports import TrueOutcome
from pacewatch.simulator.sources.history import distinct_readings, true_labels

HORIZON_S = 7 * 86_400


def readings(device_ids: list[int], timestamps_s: list[int], received_s: list[int]) -> ReadingLog:
    values = np.zeros((len(device_ids), len(PACEMAKER.signals)))
    return reading_log(PACEMAKER, np.array(device_ids), np.array(timestamps_s), values, np.array(received_s))


def test_a_failure_labels_readings_before_it_within_the_horizon() -> None:
    timestamps_s = [1_000_000 - HORIZON_S - 1, 1_000_000 - HORIZON_S, 999_999, 1_000_000, 1_000_001]
    truth = [TrueOutcome(3, OutcomeKind.FAILURE, "sudden", "silent", 1_000_000, None)]
    rows = readings([3] * 5, timestamps_s, timestamps_s)
    assert true_labels(rows, truth, PACEMAKER.label).tolist() == [False, True, True, False, False]


def test_the_failure_of_another_device_does_not_label_a_reading() -> None:
    truth = [TrueOutcome(device, OutcomeKind.FAILURE, "sudden", "silent", 1_000, None) for device in (0, 2, 99)]
    assert not true_labels(readings([1], [900], [900]), truth, PACEMAKER.label).any()


def test_of_a_repeated_reading_the_first_arrival_is_kept_in_order_of_time_then_device() -> None:
    first = Day(0, readings([2, 1], [500, 500], [600, 601]), ())
    second = Day(86_400, readings([1, 1], [400, 500], [90_000, 90_001]), ())
    kept = distinct_readings([first, second])
    assert kept[["timestamp_s", "device_id", "received_s"]].tolist() == [(400, 1, 90_000), (500, 1, 601), (500, 2, 600)]
