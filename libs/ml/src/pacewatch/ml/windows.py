"""Trailing windows by time: where each one starts, whether it is covered, and which reading anchors its delta.

Everything here depends on the readings of the last `Profile.longest_window_days` days alone, never on how the rows
were ordered or cut into batches: that is what lets one new reading be scored exactly as it will later be trained on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import COVERAGE_SLACK_DAYS, SECONDS_PER_DAY

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALF_DAY_S = SECONDS_PER_DAY // 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings of whole devices, sorted by device, then time. `key` grows by more than any window between devices."""

    timestamps_s: Ints
    key: Ints
    first: Ints  # position of the same device's first reading


@dataclass(frozen=True, slots=True)
class Window:
    """One trailing window of `days` for each wanted row; all arrays have one entry per wanted row."""

    count: Ints  # readings in (t - days, t], at least 1
    covered: Bools
    anchor: Ints  # position of the delta's reading; meaningful where `anchored`
    anchored: Bools


def rows_of(device_ids: Ints, timestamps_s: Ints, longest_s: int) -> Rows:
    """The sorted readings with their keys; ValueError if a device has two readings of the same second."""
    new_device = np.ones(len(device_ids), dtype=bool)
    new_device[1:] = device_ids[1:] != device_ids[:-1]
    since_start_s = timestamps_s - timestamps_s.min()
    stride = int(since_start_s.max()) + longest_s + 1
    device = np.cumsum(new_device) - 1
    key = device * stride + since_start_s
    if np.any(key[1:] == key[:-1]):
        raise ValueError("a device has two readings of the same second: drop duplicates before computing features")
    return Rows(timestamps_s, key, np.flatnonzero(new_device)[device])


def window_of(rows: Rows, wanted: Ints, days: int) -> Window:
    """The window (t - days, t] of each wanted position.

    Covered: the device was heard from in (t - days - 7 d, t - days + half a day], so that the readings inside are not
    merely the first ones after a long silence. Anchor: the reading nearest to t - days within half a day, the older
    one of two equally near.
    """
    opens = rows.timestamps_s[wanted] - days * SECONDS_PER_DAY
    start = np.searchsorted(rows.key, rows.key[wanted] - days * SECONDS_PER_DAY, side="right")
    before = np.maximum(start - 1, 0)
    has_before = start > rows.first[wanted]
    gap_before_s = opens - rows.timestamps_s[before]
    gap_after_s = rows.timestamps_s[start] - opens
    covered = (has_before & (gap_before_s < COVERAGE_SLACK_DAYS * SECONDS_PER_DAY)) | (gap_after_s <= HALF_DAY_S)
    use_before = has_before & (gap_before_s <= gap_after_s)
    nearest_s = np.where(use_before, gap_before_s, gap_after_s)
    return Window(wanted - start + 1, covered, np.where(use_before, before, start), nearest_s <= HALF_DAY_S)
