"""Each reading once; the label's window is open at the reading and closed at the horizon."""

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.failures.reports import Truth
from pacewatch.simulator.sources.day import Day, Readings, readings_from
from pacewatch.simulator.sources.ledger import ledger, target

HORIZON_S = 7 * 86_400


def readings(device_ids: list[int], stamps_s: list[int], received_s: list[int]) -> Readings:
    values = np.zeros((len(device_ids), len(PACEMAKER.signals)))
    return readings_from(PACEMAKER, np.array(device_ids), np.array(stamps_s), values, np.array(received_s))


def test_a_failure_counts_after_the_reading_and_up_to_the_horizon() -> None:
    stamps_s = [1_000_000 - HORIZON_S - 1, 1_000_000 - HORIZON_S, 999_999, 1_000_000, 1_000_001]
    truth = [Truth(3, OutcomeKind.FAILURE, "sudden", "silent", 1_000_000, None)]
    rows = readings([3] * 5, stamps_s, stamps_s)
    assert target(rows, truth, PACEMAKER.label).tolist() == [False, True, True, False, False]


def test_the_failure_of_another_device_counts_for_nothing() -> None:
    truth = [Truth(device, OutcomeKind.FAILURE, "sudden", "silent", 1_000, None) for device in (0, 2, 99)]
    assert not target(readings([1], [900], [900]), truth, PACEMAKER.label).any()


def test_a_repeated_reading_is_kept_as_it_came_first_and_the_order_is_by_time_then_device() -> None:
    first = Day(0, readings([2, 1], [500, 500], [600, 601]), ())
    second = Day(86_400, readings([1, 1], [400, 500], [90_000, 90_001]), ())
    kept = ledger([first, second])
    assert kept[["timestamp_s", "device_id", "received_s"]].tolist() == [(400, 1, 90_000), (500, 1, 601), (500, 2, 600)]
