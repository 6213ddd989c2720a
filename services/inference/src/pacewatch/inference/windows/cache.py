"""Trailing windows in the memory of this process, so that one new reading does not cost loading a month of them.

Any process may store readings of any device, so a window alone proves nothing. Every transaction that stores readings
of a device writes a new token into the device's row. A window is used only while that row is locked, and only if the
row still has the token under which the window was stored. A transaction that rolls back takes its token with it, so a
window stored for it is never found.

The windows of one batch form one block: a thousand windows cost no Python object each.
"""

import secrets
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np

from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings

NO_TOKEN = 0
"""The token of a device whose readings were never stored under one; no window is found under it."""
# A device id as a key, and the number of a block: a Python integer each.
_INTEGER_BYTES: Final = sys.getsizeof(2**40)
_ARRAY_BYTES: Final = sys.getsizeof(np.empty(0))


@dataclass(frozen=True, slots=True)
class Block:
    """Windows of devices, sorted by id, with one entry per device: all its readings after `since_s`, as of `tokens`.

    The window of entry i is rows `starts[i]` up to `starts[i + 1]` of `readings`.
    """

    device_ids: Ints
    tokens: Ints
    since_s: Ints
    starts: Ints
    readings: Readings

    def windows(self, entries: Ints) -> Readings:
        """The readings of the windows of these entries, one window after the other."""
        counts = self.starts[entries + 1] - self.starts[entries]
        before = np.cumsum(counts) - counts
        return self.readings.where(np.repeat(self.starts[entries] - before, counts) + np.arange(counts.sum()))

    def size_bytes(self) -> int:
        """The memory of the block: arrays, which are no parts of larger ones, and the objects that hold them."""
        readings, signals = self.readings, self.readings.signals
        arrays = (self.device_ids, self.tokens, self.since_s, self.starts, readings.device_ids, readings.timestamps_s)
        data = sum(array.nbytes + _ARRAY_BYTES for array in (*arrays, *signals.values()))
        return data + sum(map(sys.getsizeof, (self, readings, signals)))


class WindowCache:
    """Windows in at most `max_bytes` of memory; the blocks stored longest ago are dropped first."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._block_bytes = 0
        self._readings = 0
        self._numbers = count()
        self._blocks: dict[int, Block] = {}
        self._block_of: dict[int, int] = {}  # device -> number of the block with its latest window
        self._devices: Counter[int] = Counter()  # number of a block -> devices whose latest window it has

    def __len__(self) -> int:
        """How many readings there are."""
        return self._readings

    def size_bytes(self) -> int:
        """The memory of the blocks, and of the tables that find them."""
        tables = sum(map(sys.getsizeof, (self._blocks, self._block_of, self._devices)))
        return self._block_bytes + tables + _INTEGER_BYTES * (len(self._block_of) + len(self._blocks))

    def find(self, device_ids: Ints, tokens: Ints, since_s: Ints) -> Iterable[tuple[Ints, Readings]]:
        """The windows of these devices that have the given tokens and reach back to `since_s`, block by block.

        Each block gives the positions of its devices among `device_ids`, and the readings of their windows.
        """
        numbers = np.array([self._block_of.get(device_id, -1) for device_id in device_ids.tolist()], dtype=np.int64)
        for number in np.unique(numbers[numbers >= 0]).tolist():
            block = self._blocks[number]
            asked = np.flatnonzero(numbers == number)
            entries = np.searchsorted(block.device_ids, device_ids[asked])
            valid = (block.tokens[entries] == tokens[asked]) & (block.since_s[entries] <= since_s[asked])
            valid &= tokens[asked] != NO_TOKEN
            yield asked[valid], block.windows(entries[valid])

    def store(self, block: Block) -> None:
        """Store windows; they replace the earlier windows of their devices."""
        device_ids = block.device_ids.tolist()
        if not device_ids:
            return
        self.drop(device_ids)
        number = next(self._numbers)
        self._blocks[number] = block
        self._block_of |= dict.fromkeys(device_ids, number)
        self._devices[number] = len(device_ids)
        self._block_bytes += block.size_bytes()
        self._readings += len(block.readings)
        while self._blocks and self.size_bytes() > self._max_bytes:
            oldest = next(iter(self._blocks))
            self.drop(one for one in self._blocks[oldest].device_ids.tolist() if self._block_of.get(one) == oldest)

    def drop(self, device_ids: Iterable[int]) -> None:
        """Drop the windows of devices; a block is dropped with its last window."""
        dropped = Counter(self._block_of.pop(device_id, -1) for device_id in device_ids)
        del dropped[-1]
        for number, devices in dropped.items():
            self._devices[number] -= devices
            if not self._devices[number]:
                del self._devices[number]
                block = self._blocks.pop(number)
                self._block_bytes -= block.size_bytes()
                self._readings -= len(block.readings)


def new_token() -> int:
    """A random token. Not a counter: a sequence number can come again after a crash of PostgreSQL."""
    return secrets.randbelow(2**63 - 1) + 1
