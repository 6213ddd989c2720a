"""Counts and slopes of trailing windows from running sums of whole numbers.

A running sum is the cheapest way to the sum of any window, but sums of floating-point numbers depend on where the
history was cut. Whole numbers have no rounding: the difference of two running sums is the sum of the window itself,
even if a running sum overflowed, since 64-bit integers wrap around and back. Only the sums of one window must fit:
a month of readings every six seconds does.
"""

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.features import OutsideNormal, Slope
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings


class WholeSums:
    """Running sums of some devices' readings, sorted by device and time; each is computed when it is first needed."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings
        self._elapsed_s = readings.timestamps_s - readings.timestamps_s[0]
        self._running: dict[tuple[str, ...], Ints] = {}

    def outside(self, feature: OutsideNormal, ends: Ints, count: Ints) -> Floats:
        """How many of the `count` readings that end at each position are outside the range."""
        values = self._readings.signals[feature.signal]
        key = ("outside", feature.signal)
        if key not in self._running:
            outside = values < feature.low
            outside |= values > feature.high
            self._running[key] = _running(outside)
        return _inside(self._running[key], ends, count).astype(np.float64)

    def slope_per_day(self, feature: Slope, ends: Ints, count: Ints) -> Floats:
        """Least-squares slope of the `count` readings that end at each position; NaN of a single one.

        Times and values are taken from those of the last reading, so that the sums stay small.
        """
        s, steps = self._elapsed_s, self._steps(feature)
        last_s, last = s.take(ends), steps.take(ends)
        sum_s = self._window(("s",), s, ends, count) - count * last_s
        sum_x = self._window((feature.signal, "x"), steps, ends, count) - count * last
        both = self._window((feature.signal, "sx"), s * steps, ends, count)
        sum_sx = both - last_s * sum_x - last * (sum_s + count * last_s)
        squares = self._window(("ss",), s * s, ends, count)
        sum_ss = squares - last_s * (2 * sum_s + count * last_s)
        n, t = count.astype(np.float64), sum_s.astype(np.float64)
        spread = n * sum_ss - t * t
        spread[spread == 0] = np.nan
        slope: Floats = (n * sum_sx - t * sum_x) / spread * (feature.step * SECONDS_PER_DAY)
        return slope

    def _steps(self, feature: Slope) -> Ints:
        key = (feature.signal, "steps")
        if key not in self._running:
            self._running[key] = np.rint(self._readings.signals[feature.signal] / feature.step).astype(np.int64)
        return self._running[key]

    def _window(self, key: tuple[str, ...], values: Ints, ends: Ints, count: Ints) -> Ints:
        if key not in self._running:
            self._running[key] = _running(values)
        return _inside(self._running[key], ends, count)


def _running(values: Ints | Bools) -> Ints:
    """The sum of all values before each position, and at the end of all."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def _inside(running: Ints, ends: Ints, count: Ints) -> Ints:
    after = ends + 1
    return running.take(after) - running.take(after - count)
