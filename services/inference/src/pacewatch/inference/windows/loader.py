"""The readings that scores depend on: from memory where that is proved to be the truth, else from the table.

What comes back is what `windows.load` would bring, to the last bit; only the way there is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.inference import metrics
from pacewatch.inference.windows import readings as window_readings
from pacewatch.inference.windows.cache import NO_TOKEN, Block, WindowCache, new_token
from pacewatch.inference.windows.readings import Keys, Rows, Spans
from pacewatch.kit.columns.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Locked:
    """Devices under lock, sorted by id; one entry a device.

    `found_tokens` are those of their rows; `newest_s` and `tokens` will stand there once this transaction commits.
    """

    device_ids: Ints
    newest_s: Ints
    found_tokens: Ints
    tokens: Ints

    def places(self, device_ids: Ints) -> Ints:
        """Where these devices, all among the locked ones, stand."""
        found: Ints = np.searchsorted(self.device_ids, device_ids)
        return found

    def newest_of(self, keys: Keys) -> Ints:
        """The newest Unix second of each reading's device; shape (readings,)."""
        return self.newest_s[self.places(keys.device_ids)]

    def where(self, chosen: Bools | Ints) -> "Locked":
        """Those that are chosen."""
        return Locked(self.device_ids[chosen], self.newest_s[chosen], self.found_tokens[chosen], self.tokens[chosen])

    def knows_none_of(self, sent: Keys) -> bool:
        """Whether each reading is its device's only one among these, and later than any that was ever stored."""
        return len(sent) == len(self.device_ids) and bool((sent.timestamps_s > self.newest_of(sent)).all())

    def after_storing(self, sent: Keys, new: Keys) -> "Locked":
        """With a token of our own for devices of which readings were `new` among those `sent`.

        Of a device that sent a reading which was there already nothing in memory is used: it could be twice in it.
        """
        newest_s = self.newest_s.copy()
        np.maximum.at(newest_s, self.places(new.device_ids), new.timestamps_s)
        count = len(self.device_ids)
        sent_of = np.bincount(self.places(sent.device_ids), minlength=count)
        new_of = np.bincount(self.places(new.device_ids), minlength=count)
        found = np.where(new_of == sent_of, self.found_tokens, NO_TOKEN)
        return Locked(self.device_ids, newest_s, found, np.where(new_of > 0, new_token(), self.tokens))


@dataclass(frozen=True, slots=True)
class Table:
    """Readings of several spans' devices: `own` is the place of the device among them.

    `values` has shape (readings, 1 + signals): the Unix second, which a float holds exactly, then the signals.
    """

    own: Ints
    values: Floats

    def where(self, chosen: Bools) -> "Table":
        """Those that are chosen."""
        return self.at(np.flatnonzero(chosen))

    def at(self, places: Ints) -> "Table":
        """Those at these places."""
        return Table(self.own.take(places), self.values.take(places, axis=0))


async def load(
    connection: asyncpg.Connection,
    profile: Profile,
    cache: WindowCache,
    locked: Locked,
    arrived: Rows,
    wanted: Keys,
    *,
    before: bool = False,
) -> Rows:
    """What scores of `wanted` (sorted, of locked devices) depend on, kept for the next time.

    `arrived` are the readings that this transaction stores: it has done so already, or, if it is `before` that, none of
    them is in the table.
    """
    spans = Spans.of(profile, wanted)
    at = locked.places(spans.device_ids)
    missing, parts = np.ones(len(at), dtype=bool), []
    for places, counts, values in cache.find(spans.device_ids, locked.found_tokens[at], spans.since_s):
        missing[places] = False
        parts.append(Table(np.repeat(places, counts), values))
    metrics.WINDOWS.labels("memory").inc(int((~missing).sum()))
    metrics.WINDOWS.labels("table").inc(int(missing.sum()))
    beside = np.isin(arrived.keys.device_ids, spans.device_ids if before else spans.device_ids[~missing])
    parts.append(_table(profile, spans, arrived).where(beside))
    if missing.any():
        rows = await window_readings.load(connection, profile, wanted.where(missing[spans.places(wanted.device_ids)]))
        parts.append(_table(profile, spans, rows))
    table = _by_device_and_time(parts)
    _keep(profile, cache, spans, table, (locked.newest_s[at], locked.tokens[at]))
    return _rows(profile, spans, table)


def _table(profile: Profile, spans: Spans, rows: Rows) -> Table:
    columns = [rows.keys.timestamps_s.astype(np.float64), *(rows.signals[name] for name in profile.signal_names)]
    return Table(spans.places(rows.keys.device_ids), np.column_stack(columns))


def _by_device_and_time(parts: Sequence[Table]) -> Table:
    own = np.concatenate([part.own for part in parts])
    values = np.concatenate([part.values for part in parts])
    seconds = values[:, 0].astype(np.int64)
    seconds -= seconds.min()
    # One number a reading: what is sorted in long runs already is then merged, not sorted.
    order = np.argsort(own * (seconds.max() + 1) + seconds, kind="stable")
    return Table(own, values).at(order)


def _keep(profile: Profile, cache: WindowCache, spans: Spans, table: Table, now: tuple[Ints, Ints]) -> None:
    """Of each device whose newest reading is among them, what a score of the next reading can depend on.

    No more than that: what is older may be pruned from the table any time.
    """
    newest_s, tokens = now
    since_s = newest_s - profile.longest_window_days * SECONDS_PER_DAY
    whole = spans.until_s == newest_s
    recent = table.where((table.values[:, 0] > since_s[table.own]) & whole[table.own])
    kept = np.flatnonzero(whole)
    starts = np.searchsorted(recent.own, np.append(kept, len(whole)))
    cache.drop(spans.device_ids[~whole].tolist())
    cache.keep(Block(spans.device_ids[kept], tokens[kept], since_s[kept], starts, recent.values))


def _rows(profile: Profile, spans: Spans, table: Table) -> Rows:
    """What `windows.load` would bring: of each device the readings after `since_s` up to `until_s`."""
    seconds = table.values[:, 0]
    table = table.where((seconds > spans.since_s[table.own]) & (seconds <= spans.until_s[table.own]))
    columns = np.ascontiguousarray(table.values.T)
    keys = Keys(spans.device_ids[table.own], columns[0].astype(np.int64))
    return Rows(keys, dict(zip(profile.signal_names, columns[1:], strict=True)))
