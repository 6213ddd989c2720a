"""Trailing windows by time: where each one starts, whether it is covered, and which reading anchors its delta.

Everything here depends on the readings of the last `Profile.longest_window_days` days alone, never on how the rows
were ordered or cut into batches: that is what lets one new reading be scored exactly as it will later be trained on.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import COVERAGE_SLACK_DAYS, SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints

HALF_DAY_S = SECONDS_PER_DAY // 2
COVERAGE_SLACK_S = COVERAGE_SLACK_DAYS * SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Window:
    """One trailing window of `days` for each wanted row; all arrays have one entry per wanted row."""

    count: Ints  # readings in (t - days, t], at least 1
    covered: Bools
    anchor: Ints  # position of the delta's reading; any where there is none
    elapsed_days: Floats  # since the anchor; NaN where there is none


def keys_of(device_ids: Ints, timestamps_s: Ints, longest_days: int) -> Ints:
    """Seconds that grow by more than any window and its cover between devices: shape (readings + 1,).

    So a device's first reading has nothing near before it, which is also what the entry ahead of all readings is for.
    Readings are sorted by device, then time; ValueError if a device has two of the same second.
    """
    since_start_s = timestamps_s - timestamps_s.min()
    far_s = longest_days * SECONDS_PER_DAY + COVERAGE_SLACK_S + 1
    device = np.append(0, np.cumsum(device_ids[1:] != device_ids[:-1]))
    keys = np.append(-far_s, device * (since_start_s.max() + far_s) + since_start_s)
    if np.any(keys[1:] == keys[:-1]):
        raise ValueError("a device has two readings of the same second: drop duplicates before computing features")
    return keys


def window_of(keys: Ints, wanted: Ints, days: int) -> Window:
    """The window (t - days, t] of each wanted position.

    Covered: the device was heard from in (t - days - 7 d, t - days + half a day], so that the readings inside are not
    merely the first ones after a long silence. Anchor: the reading nearest to t - days within half a day, the older
    one of two equally near.
    """
    readings = keys[1:]
    opens = readings.take(wanted) - days * SECONDS_PER_DAY
    start = np.searchsorted(readings, opens, side="right")
    gap_before_s = opens - keys.take(start)
    gap_after_s = readings.take(start) - opens
    covered = (gap_before_s < COVERAGE_SLACK_S) | (gap_after_s <= HALF_DAY_S)
    use_before = gap_before_s <= gap_after_s
    nearest_s = np.where(use_before, gap_before_s, -gap_after_s)
    elapsed_days = (nearest_s + days * SECONDS_PER_DAY) / SECONDS_PER_DAY
    elapsed_days[np.abs(nearest_s) > HALF_DAY_S] = np.nan
    return Window(wanted - start + 1, covered, start - use_before, elapsed_days)
