"""The table of readings: stored as arrays and loaded as arrays, without a Python object for each value."""

# ruff: noqa: S608 - schema and column names come from the code and the profile; every value is a parameter

from dataclasses import dataclass
from typing import Self

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import ReadingColumns
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.columns.readings import Readings

ALL_BATCHES = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Spans:
    """The readings that scores depend on: of each device, sorted by id, those after `since_s` up to `until_s`."""

    device_ids: Ints
    since_s: Ints
    until_s: Ints

    @classmethod
    def of(cls, profile: Profile, wanted: Readings) -> Self:
        """The spans of scores of `wanted`, sorted by device and time."""
        device_ids, first, count = np.unique(wanted.device_ids, return_index=True, return_counts=True)
        since_s = wanted.timestamps_s[first] - profile.longest_window_days * SECONDS_PER_DAY
        return cls(device_ids, since_s, wanted.timestamps_s[first + count - 1])

    def positions(self, device_ids: Ints) -> Ints:
        """The entries of these devices, which all have a span."""
        found: Ints = np.searchsorted(self.device_ids, device_ids)
        return found


def from_event(profile: Profile, readings: ReadingColumns) -> Readings:
    """An event's readings as arrays, sorted by device and time, with the signals of the profile in its order."""
    signals = {name: readings.signals[name] for name in profile.signal_names}
    return Readings.of_lists(readings.device_ids, readings.timestamps_s, signals).ordered()


async def store(
    connection: asyncpg.Connection, profile: Profile, readings: Readings, batch_number: int, *, live: bool
) -> Readings:
    """Insert the readings that are not stored yet. Returns their keys, sorted."""
    names = profile.signal_names
    arrays = ", ".join(f"${position}::float8[]" for position in range(5, 5 + len(names)))
    query = f"""
        WITH stored AS (
            INSERT INTO inference.readings (batch_number, live, device_id, timestamp_s, {_columns(profile)})
            SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[], {arrays}) ORDER BY 3, 4
            ON CONFLICT DO NOTHING RETURNING device_id, timestamp_s
        )
        SELECT array_agg(device_id), array_agg(timestamp_s) FROM stored"""
    columns = (readings.device_ids, readings.timestamps_s, *(readings.signals[name] for name in names))
    arguments = (batch_number, live, *(column.tolist() for column in columns))
    device_ids, timestamps_s = await connection.fetchrow(query, *arguments)
    return Readings.of_lists(device_ids or [], timestamps_s or []).ordered()


async def copy(connection: asyncpg.Connection, readings: Readings, batch_number: int, *, live: bool) -> None:
    """Add readings of which none is stored yet: COPY costs half of what `store` costs."""
    columns = readings.columns | {"batch_number": binary_copy.bigint(batch_number), "live": binary_copy.boolean(live)}
    await binary_copy.into(connection, "inference", "readings", len(readings), columns)


async def load(
    connection: asyncpg.Connection, profile: Profile, wanted: Readings, *, last_batch: int = ALL_BATCHES
) -> Readings:
    """All readings of batches up to `last_batch` that a score of `wanted` can depend on, sorted by device and time.

    `wanted` is sorted, too.
    """
    spans = Spans.of(profile, wanted)
    query = f"""
        SELECT r.device_id, r.timestamp_s, {_columns(profile)}
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (device_id, since_s, until_s)
        JOIN inference.readings AS r
          ON r.device_id = w.device_id AND r.timestamp_s > w.since_s AND r.timestamp_s <= w.until_s
        WHERE r.batch_number <= $4::bigint"""
    keys = {"device_id": binary_copy.BIGINT, "timestamp_s": binary_copy.BIGINT}
    signals = dict.fromkeys(profile.signal_names, binary_copy.DOUBLE)
    arguments = (spans.device_ids.tolist(), spans.since_s.tolist(), spans.until_s.tolist(), last_batch)
    columns = await binary_copy.fetch(connection, query, keys | signals, *arguments)
    # NumPy sorts them in a third of the time that PostgreSQL takes.
    return Readings.of_columns(columns).ordered()


async def prune(connection: asyncpg.Connection, keep_s: int, after_device_id: int, limit: int) -> int | None:
    """Delete readings `keep_s` or more older than their device's newest, of `limit` devices after `after_device_id`.

    Returns the last of their ids, None when there are no more. The device's own newest reading decides, not the clock,
    so that a fleet whose readings are years old keeps what it needs.
    """
    query = """
        WITH chosen AS (
            SELECT device_id, newest_s FROM inference.devices WHERE device_id > $2 ORDER BY device_id LIMIT $3
        ), pruned AS (
            DELETE FROM inference.readings AS r USING chosen
            WHERE r.device_id = chosen.device_id AND r.timestamp_s <= chosen.newest_s - $1
        )
        SELECT max(device_id) FROM chosen"""
    last: int | None = await connection.fetchval(query, keep_s, after_device_id, limit)
    return last


def _columns(profile: Profile) -> str:
    return ", ".join(f'"{name}"' for name in profile.signal_names)
