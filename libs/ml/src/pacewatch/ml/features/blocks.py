"""Mean, spread and extremes of trailing windows, with bits that depend on the window's readings alone.

A running sum over a device's history is fast, but its rounding depends on where the history was cut. Here the
aggregate of 2^j readings in a row is built from two aggregates of 2^(j-1), and a window of c readings is put together
from the blocks of c's binary digits, newest first. Every step is an element-wise operation, so neither SIMD width nor
array length can change a bit, and the cost grows with the logarithm of the readings in a window.

Spread is merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
variances" (1979): constant readings give a deviation of exactly 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pacewatch.kit.columns.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Statistics of readings, each of shape (rows, signals); `squares` is the sum of squared deviations."""

    mean: Floats
    squares: Floats
    low: Floats
    high: Floats

    def of_signal(self, column: int) -> "Aggregates":
        """The statistics of one signal, each of shape (rows,)."""
        return Aggregates(self.mean[:, column], self.squares[:, column], self.low[:, column], self.high[:, column])

    def clear(self, rows: Ints) -> None:
        """Set all statistics of these rows to NaN."""
        for values in (self.mean, self.squares, self.low, self.high):
            values[rows] = np.nan


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and sum of squared deviations of blocks of one size, each at the position of its oldest reading."""

    mean: Floats
    squares: Floats


def aggregate(signals: Floats, ends: Ints, counts: list[Ints]) -> Iterator[Aggregates]:
    """For each array of `counts`, the aggregates of the `count[i]` readings that end at position `ends[i]`.

    `signals` has shape (readings, signals), sorted by device and time, and every value is finite: a block that a window
    does not need gets the weight 0 instead of being left out. Results have shape (len(ends), signals).
    """
    sizes = [1 << digit for digit in range(max(int(count.max()) for count in counts).bit_length())]
    moments = [Moments(signals, np.zeros_like(signals))]
    for half in sizes[:-1]:
        moments.append(_doubled(moments[-1], half))
    lows, highs = (_extremes(signals, sizes, choose) for choose in (np.minimum, np.maximum))
    for count in counts:
        newest, oldest = _cover(ends, count, len(signals))
        low, high = _take(lows, newest), _take(highs, newest)
        np.minimum(low, _take(lows, oldest), out=low)
        np.maximum(high, _take(highs, oldest), out=high)
        yield Aggregates(*_merged(moments, ends, count), low, high)


def _doubled(blocks: Moments, size: int) -> Moments:
    """Blocks of 2 * `size` readings from those of `size`."""
    older, newer = slice(None, -size), slice(size, None)
    gap = blocks.mean[newer] - blocks.mean[older]
    mean = 0.5 * gap
    mean += blocks.mean[older]
    gap *= gap
    gap *= 0.5 * size
    gap += blocks.squares[newer]
    gap += blocks.squares[older]
    return Moments(mean, gap)


def _extremes(signals: Floats, sizes: list[int], choose: np.ufunc) -> Floats:
    """One kind of extreme of all blocks, one size after the other: shape (sizes * readings, signals).

    Blocks that would reach beyond the last reading are not computed, and never read.
    """
    readings = len(signals)
    table = np.empty((len(sizes), *signals.shape))
    table[0] = signals
    for half, shorter, longer in zip(sizes, table, table[1:], strict=False):
        valid = readings - 2 * half + 1
        choose(shorter[half : half + valid], shorter[:valid], out=longer[:valid])
    return table.reshape(-1, signals.shape[1])


def _cover(ends: Ints, count: Ints, readings: int) -> tuple[Ints, Ints]:
    """Positions, in a table of extremes, of the two overlapping blocks that cover each window."""
    place = np.frexp(np.arange(count.max() + 1))[1].astype(np.int64) - 1
    start = ends + 1
    start += (place * readings).take(count)
    return start - (1 << np.maximum(place, 0)).take(count), start - count


def _merged(blocks: list[Moments], ends: Ints, count: Ints) -> tuple[Floats, Floats]:
    """Mean and squares of every window: the blocks of its count's binary digits merged, newest first.

    Weights that depend on the count alone are looked up by count, one entry per signal: broadcasting a column is slow.
    """
    signals = blocks[0].mean.shape[1]
    counts = np.arange(count.max() + 1)
    mean = _take(blocks[0].mean, ends) * _by_count(counts & 1, count, signals)
    squares = np.zeros_like(mean)
    for digit, block in enumerate(blocks[1 : int(counts[-1]).bit_length()], 1):
        size = 1 << digit
        has_digit = (counts >> digit) & 1
        merged = counts & (size - 1)  # readings merged so far, all newer
        at = ends - (merged + (size - 1)).take(count)
        gap = _take(block.mean, at)
        gap -= mean
        added = _take(block.squares, at)
        added *= _by_count(has_digit, count, signals)
        squares += added
        np.multiply(gap, _by_count(has_digit * (size / (merged + size)), count, signals), out=added)
        mean += added
        added *= gap
        added *= _by_count(merged, count, signals)
        squares += added
    return mean, squares


def _by_count(values: Floats | Ints, count: Ints, signals: int) -> Floats:
    return _take(np.repeat(values, signals).reshape(-1, signals).astype(np.float64), count)


def _take(rows: Floats, at: Ints) -> Floats:
    return rows.take(at, axis=0, mode="clip")
