"""The readings that scores depend on: from the cache where a token proves that it is current, else from the table.

The result is what `windows.readings.load` returns, to the last bit.
"""

from dataclasses import dataclass

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.inference import metrics
from pacewatch.inference.windows import readings as readings_table
from pacewatch.inference.windows.cache import Block, WindowCache
from pacewatch.inference.windows.devices import LockedDevices
from pacewatch.inference.windows.readings import Spans
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.columns.readings import Readings


async def load(
    connection: asyncpg.Connection,
    profile: Profile,
    cache: WindowCache,
    locked: LockedDevices,
    arrived: Readings,
    wanted: Readings,
    *,
    stored: bool = True,
) -> Readings:
    """All readings that scores of `wanted` depend on, sorted by device and time; their windows go to the cache.

    `wanted` are sorted readings of locked devices, `arrived` the readings of this transaction: `stored` in the table
    already, or, if not, none of them is in it.
    """
    spans = Spans.of(profile, wanted)
    devices = locked.where(locked.positions(spans.device_ids))
    missing, parts = np.ones(len(devices), dtype=bool), []
    for positions, cached in cache.find(spans.device_ids, devices.found_tokens, spans.since_s):
        missing[positions] = False
        parts.append(cached)
    metrics.WINDOWS.labels("memory").inc(int((~missing).sum()))
    metrics.WINDOWS.labels("table").inc(int(missing.sum()))
    without_arrived = spans.device_ids[~missing] if stored else spans.device_ids
    parts.append(arrived.where(np.isin(arrived.device_ids, without_arrived)))
    if missing.any():
        uncached = wanted.where(missing[spans.positions(wanted.device_ids)])
        parts.append(await readings_table.load(connection, profile, uncached))
    windows = _Windows.of(spans, Readings.concatenated(parts).ordered())
    windows.store_in(cache, devices, profile.longest_window_days * SECONDS_PER_DAY)
    return windows.of_spans()


@dataclass(frozen=True, slots=True)
class _Windows:
    """Readings of the devices of `spans`, sorted; `entries` are the entries of their devices in `spans`."""

    spans: Spans
    readings: Readings
    entries: Ints

    @classmethod
    def of(cls, spans: Spans, readings: Readings) -> "_Windows":
        ends = np.searchsorted(readings.device_ids, spans.device_ids, side="right")
        return cls(spans, readings, np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)))

    def of_spans(self) -> Readings:
        """The readings within the spans."""
        seconds = self.readings.timestamps_s
        return self._where((seconds > self.spans.since_s[self.entries]) & (seconds <= self.spans.until_s[self.entries]))

    def store_in(self, cache: WindowCache, devices: LockedDevices, longest_window_s: int) -> None:
        """Store what a score of the next reading can depend on, of each device whose newest reading is here.

        Nothing older: it may be pruned from the table at any time.
        """
        since_s = devices.newest_s - longest_window_s
        complete = self.spans.until_s == devices.newest_s
        recent = self.readings.timestamps_s > since_s[self.entries]
        chosen = np.flatnonzero(recent & complete[self.entries])
        kept = np.flatnonzero(complete)
        starts = np.searchsorted(self.entries[chosen], np.append(kept, len(complete)))
        cache.drop(devices.device_ids[~complete].tolist())
        of_devices = (devices.device_ids[kept], devices.tokens[kept], since_s[kept])
        cache.store(Block(*of_devices, starts, self.readings.where(chosen)))

    def _where(self, rows: Bools) -> Readings:
        return self.readings if rows.all() else self.readings.where(np.flatnonzero(rows))
