"""Trailing windows by time: where each one starts, whether it is covered, and which reading anchors its delta.

Everything here depends only on the readings of the last `Profile.longest_window_days` days, not on row order or on how
rows are cut into batches. So a new reading is scored with exactly the features it will later be trained on.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import COVERAGE_SLACK_DAYS, SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings

HALF_DAY_S = SECONDS_PER_DAY // 2
COVERAGE_SLACK_S = COVERAGE_SLACK_DAYS * SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Window:
    """One trailing window of `days` for each wanted row; all arrays have one entry per wanted row."""

    count: Ints  # readings in (t - days, t], at least 1
    covered: Bools
    anchor: Ints  # position of the reading that the delta starts from; any position if there is none
    elapsed_days: Floats  # since the anchor; NaN if there is none


def spaced_timestamps(device_ids: Ints, timestamps_s: Ints, longest_days: int) -> Ints:
    """Seconds on one axis for all devices, each device further away than any window reaches: shape (readings + 1,).

    One binary search then finds a window without leaving its device. The entry before the first reading does the same
    for the first device. Readings are sorted by device, then time; ValueError if a device has two of the same second.
    """
    since_start_s = timestamps_s - timestamps_s.min()
    far_s = longest_days * SECONDS_PER_DAY + COVERAGE_SLACK_S + 1
    device = np.append(0, np.cumsum(device_ids[1:] != device_ids[:-1]))
    spaced_s = np.append(-far_s, device * (since_start_s.max() + far_s) + since_start_s)
    if np.any(spaced_s[1:] == spaced_s[:-1]):
        raise ValueError("a device has two readings of the same second: drop duplicates before computing features")
    return spaced_s


def window_of(spaced_s: Ints, wanted: Ints, days: int) -> Window:
    """The window (t - days, t] of each wanted position; `spaced_s` as `spaced_timestamps` returns it.

    Covered: the device sent a reading in (t - days - 7 d, t - days + half a day], so the window does not start with the
    first readings after a long silence. Anchor: the reading nearest to t - days within half a day; of two equally near
    ones the older.
    """
    readings = spaced_s[1:]
    opens = readings.take(wanted) - days * SECONDS_PER_DAY
    start = np.searchsorted(readings, opens, side="right")
    gap_before_s = opens - spaced_s.take(start)
    gap_after_s = readings.take(start) - opens
    covered = (gap_before_s < COVERAGE_SLACK_S) | (gap_after_s <= HALF_DAY_S)
    use_before = gap_before_s <= gap_after_s
    nearest_s = np.where(use_before, gap_before_s, -gap_after_s)
    elapsed_days = (nearest_s + days * SECONDS_PER_DAY) / SECONDS_PER_DAY
    elapsed_days[np.abs(nearest_s) > HALF_DAY_S] = np.nan
    return Window(wanted - start + 1, covered, start - use_before, elapsed_days)


def is_covered(readings: Readings, wanted: Ints, days: int) -> Bools:
    """Whether the window of `days` of each wanted position is covered; `readings` are sorted by device and time."""
    spaced_s = spaced_timestamps(readings.device_ids, readings.timestamps_s, days)
    return window_of(spaced_s, wanted, days).covered
