"""Trailing windows kept in memory, so that a day's readings do not cost a month's rows again.

Any process may store readings of any device, so a window is never believed by itself. Every transaction that stores
readings of a device draws a token of its own and leaves it in the device's row; a window is used only under that row's
lock, and only while the row still carries the token that the window was kept under. A transaction that is rolled back
takes its token with it: what was kept for it is never used.

What one batch leaves is kept as one block: a thousand windows cost no Python object each.
"""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import numpy as np

from pacewatch.kit.columns.arrays import Floats, Ints

NO_TOKEN = 0
"""What a device's row carries before its readings were ever stored under a token; no window is found under it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Windows of devices, sorted by id: of each all readings later than `since_s`, as of `tokens`; one entry a device.

    Those of device i are `values[starts[i] : starts[i + 1]]`; what a row of `values` holds is recent.py's business.
    """

    device_ids: Ints
    tokens: Ints
    since_s: Ints
    starts: Ints
    values: Floats

    def rows(self, places: Ints) -> tuple[Ints, Floats]:
        """How many readings the windows at these places have, and the readings."""
        counts = self.starts[places + 1] - self.starts[places]
        before = np.cumsum(counts) - counts
        at = np.repeat(self.starts[places] - before, counts) + np.arange(counts.sum())
        return counts, self.values.take(at, axis=0)


class WindowCache:
    """At most `most_readings` readings; the blocks that were kept longest ago go first."""

    def __init__(self, most_readings: int) -> None:
        self._most_readings = most_readings
        self._readings = 0
        self._numbers = count()
        self._blocks: dict[int, Block] = {}
        self._block_of: dict[int, int] = {}  # device -> number of the block with its last window
        self._devices: Counter[int] = Counter()  # number of a block -> devices whose last window it has

    def __len__(self) -> int:
        return self._readings

    def find(self, device_ids: Ints, tokens: Ints, since_s: Ints) -> Iterable[tuple[Ints, Ints, Floats]]:
        """The windows of these devices that are of their tokens and reach back to `since_s`, block by block.

        Which of the devices they are of, as places, with how many readings each, and the readings.
        """
        numbers = np.array([self._block_of.get(device_id, -1) for device_id in device_ids.tolist()], dtype=np.int64)
        for number in np.unique(numbers[numbers >= 0]).tolist():
            block = self._blocks[number]
            asked = np.flatnonzero(numbers == number)
            places = np.searchsorted(block.device_ids, device_ids[asked])
            true = (block.tokens[places] == tokens[asked]) & (block.since_s[places] <= since_s[asked])
            true &= tokens[asked] != NO_TOKEN
            yield asked[true], *block.rows(places[true])

    def keep(self, block: Block) -> None:
        """Keep windows in the place of their devices' last ones."""
        device_ids = block.device_ids.tolist()
        if not device_ids:
            return
        self.drop(device_ids)
        number = next(self._numbers)
        self._blocks[number] = block
        self._block_of |= dict.fromkeys(device_ids, number)
        self._devices[number] = len(device_ids)
        self._readings += len(block.values)
        while self._readings > self._most_readings:
            oldest = next(iter(self._blocks))
            self.drop(one for one in self._blocks[oldest].device_ids.tolist() if self._block_of.get(one) == oldest)

    def drop(self, device_ids: Iterable[int]) -> None:
        """Forget devices' windows; a block goes with its last one."""
        left = Counter(self._block_of.pop(device_id, -1) for device_id in device_ids)
        del left[-1]
        for number, devices in left.items():
            self._devices[number] -= devices
            if not self._devices[number]:
                del self._devices[number]
                self._readings -= len(self._blocks.pop(number).values)


def new_token() -> int:
    """A token nobody else has: drawn, because a sequence's number can come again after a crash."""
    return secrets.randbelow(2**63 - 1) + 1
