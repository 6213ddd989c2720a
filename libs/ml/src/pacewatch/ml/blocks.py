"""Mean, spread and extremes of trailing windows, with bits that depend on the window's readings alone.

A running sum over a device's history is fast, but its rounding depends on where the history was cut. Here the
aggregate of 2^j readings in a row is built from two aggregates of 2^(j-1), and a window of c readings is put together
from the blocks of c's binary digits, newest first. Every step is an element-wise operation, so neither SIMD width nor
array length can change a bit, and the work grows with the logarithm of the readings in a window.

Spread is merged as in Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
variances" (1979): constant readings give a deviation of exactly 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


def aggregate(signals: Floats, ends: Ints, counts: list[Ints]) -> list[Aggregates]:
    """For each array of `counts`, the aggregates of the `count[i]` readings ending at position `ends[i]`.

    `signals` has shape (readings, signals), sorted by device and time, all finite: a block that a window does not need
    is weighted with 0 instead of being left out. Results have shape (len(ends), signals).
    """
    shape = (len(ends), signals.shape[1])
    results = [Aggregates(np.zeros(shape), np.zeros(shape), np.empty(shape), np.empty(shape)) for _ in counts]
    blocks = Aggregates(signals, np.zeros_like(signals), signals, signals)
    size, longest = 1, max(int(count.max()) for count in counts)
    while True:
        for result, count in zip(results, counts, strict=True):
            _add_moments(result, blocks, ends, count, size)
            _set_extremes(result, blocks, ends, count, size)
        if 2 * size > longest:
            return results
        blocks = _doubled(blocks, size)
        size *= 2


def _doubled(blocks: Aggregates, size: int) -> Aggregates:
    """Blocks of 2 * `size` readings from those of `size`, each at the position of its oldest reading."""
    older, newer = slice(None, -size), slice(size, None)
    gap = blocks.mean[newer] - blocks.mean[older]
    mean = blocks.mean[older] + 0.5 * gap
    gap *= gap
    gap *= 0.5 * size
    gap += blocks.squares[newer]
    gap += blocks.squares[older]
    low = np.minimum(blocks.low[newer], blocks.low[older])
    high = np.maximum(blocks.high[newer], blocks.high[older])
    return Aggregates(mean, gap, low, high)


def _add_moments(result: Aggregates, blocks: Aggregates, ends: Ints, count: Ints, size: int) -> None:
    """Merge the block of `size` readings into every window whose count has that binary digit."""
    has_digit = (count & size) != 0
    if not has_digit.any():
        return
    merged = count & (size - 1)  # readings already in, all newer
    at = ends - merged - (size - 1)
    share = np.where(has_digit, size / (merged + size), 0.0)[:, None]
    gap = blocks.mean.take(at, axis=0, mode="clip")
    gap -= result.mean
    squares = blocks.squares.take(at, axis=0, mode="clip")
    squares *= has_digit[:, None]
    result.squares[:] += squares
    np.multiply(gap, share, out=squares)
    result.mean[:] += squares
    squares *= gap
    squares *= merged[:, None]
    result.squares[:] += squares


def _set_extremes(result: Aggregates, blocks: Aggregates, ends: Ints, count: Ints, size: int) -> None:
    """Extremes of windows with `size` to 2 * `size` - 1 readings, from the two blocks that overlap to cover them."""
    rows = np.flatnonzero((count >= size) & (count < 2 * size))
    if not len(rows):
        return
    newest, oldest = ends[rows] - (size - 1), ends[rows] - count[rows] + 1
    for target, block, choose in ((result.low, blocks.low, np.minimum), (result.high, blocks.high, np.maximum)):
        target[rows] = choose(block.take(newest, axis=0), block.take(oldest, axis=0))
