"""Devices under lock: one row for each device serialises its scoring and has its newest reading and its token.

Locks are always taken in the order of device ids, so that two batches that share devices wait and never deadlock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np

from pacewatch.inference.windows.cache import NO_TOKEN, new_token
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.columns.readings import Readings

# Locks nothing unless every device has a row.
_LOCK = """
    SELECT device_id, newest_s, window_token FROM inference.devices
    WHERE device_id = ANY($1::bigint[])
      AND (SELECT count(*) FROM inference.devices WHERE device_id = ANY($1::bigint[])) = $2
    ORDER BY device_id FOR UPDATE"""
_LOCK_OR_ADD = """
    INSERT INTO inference.devices (device_id, newest_s, considered_sequence)
    SELECT device_id, max(timestamp_s), (SELECT coalesce(max(sequence), 0) FROM inference.models)
    FROM unnest($1::bigint[], $2::bigint[]) AS batch (device_id, timestamp_s)
    GROUP BY device_id ORDER BY device_id
    ON CONFLICT (device_id) DO UPDATE SET newest_s = greatest(devices.newest_s, excluded.newest_s)
    RETURNING device_id, newest_s, window_token"""

# A device without a row cannot be locked: what adds rows shares this lock, and what must not miss one has it alone.
_ADDING = "SELECT pg_advisory_xact_lock_shared(hashtext('inference.devices'))"
_NO_ADDING = "SELECT pg_advisory_xact_lock(hashtext('inference.devices'))"

# The columns in one row: a thousand rows would be a thousand Python objects.
_AS_ARRAYS = """
    WITH locked AS ({}) SELECT array_agg(device_id), array_agg(newest_s), array_agg(window_token) FROM locked"""


@dataclass(frozen=True, slots=True)
class LockedDevices:
    """Devices whose rows this transaction has locked, sorted by id; one entry per device.

    `found_tokens` are the tokens in their rows. `newest_s` (Unix seconds) and `tokens` are the values that the rows
    have after this transaction.
    """

    device_ids: Ints
    newest_s: Ints
    found_tokens: Ints
    tokens: Ints

    def __len__(self) -> int:
        return len(self.device_ids)

    def positions(self, device_ids: Ints) -> Ints:
        """The entries of these devices, which are all locked."""
        found: Ints = np.searchsorted(self.device_ids, device_ids)
        return found

    def newest_of(self, readings: Readings) -> Ints:
        """The newest Unix second of each reading's device; shape (readings,)."""
        return self.newest_s[self.positions(readings.device_ids)]

    def where(self, chosen: Bools | Ints) -> "LockedDevices":
        """The chosen entries."""
        columns = (self.device_ids, self.newest_s, self.found_tokens, self.tokens)
        return LockedDevices(*(column[chosen] for column in columns))

    def all_newer(self, arrived: Readings) -> bool:
        """Whether each of these devices has one arrived reading, later than all its stored ones."""
        return len(arrived) == len(self) and bool((arrived.timestamps_s > self.newest_of(arrived)).all())

    def after_storing(self, arrived: Readings, new: Readings) -> "LockedDevices":
        """The same devices, with a new token for those that have a `new` reading among the arrived ones.

        A device that repeated a stored reading loses its found token: a cached window could contain that reading, and
        it would be counted twice.
        """
        newest_s = self.newest_s.copy()
        np.maximum.at(newest_s, self.positions(new.device_ids), new.timestamps_s)
        arrived_count = np.bincount(self.positions(arrived.device_ids), minlength=len(self))
        new_count = np.bincount(self.positions(new.device_ids), minlength=len(self))
        found_tokens = np.where(new_count == arrived_count, self.found_tokens, NO_TOKEN)
        return LockedDevices(self.device_ids, newest_s, found_tokens, np.where(new_count > 0, new_token(), self.tokens))


async def lock_devices(connection: asyncpg.Connection, readings: Readings) -> LockedDevices:
    """Lock the devices of these readings until the transaction ends.

    A device without a row gets one. Then all rows of the batch are written, because rows that are locked in two steps
    are not locked in the order of their ids.
    """
    device_ids = np.unique(readings.device_ids).tolist()
    locked = await _lock(connection, _LOCK, device_ids, len(device_ids))
    if not len(locked):
        await connection.execute(_ADDING)
        locked = await _lock(connection, _LOCK_OR_ADD, readings.device_ids.tolist(), readings.timestamps_s.tolist())
    return locked


async def lock_known(connection: asyncpg.Connection, device_ids: Sequence[int]) -> None:
    """Lock those of these devices that have a row, and let no transaction add a device until this one ends.

    So a number of `next_batch` is higher than that of any batch of these devices, also of one whose first reading
    arrives at the same time.
    """
    await connection.execute(_NO_ADDING)
    query = "SELECT FROM inference.devices WHERE device_id = ANY($1::bigint[]) ORDER BY device_id FOR UPDATE"
    await connection.execute(query, device_ids)


async def lock_to_score(connection: asyncpg.Connection, sequence: int, limit: int) -> LockedDevices:
    """Lock at most `limit` devices with unscored readings, or last considered under an older activation."""
    query = """
        SELECT device_id, newest_s, window_token FROM inference.devices
        WHERE considered_sequence < $1 OR unscored_since_s IS NOT NULL
        ORDER BY device_id LIMIT $2 FOR UPDATE SKIP LOCKED"""
    return await _lock(connection, query, sequence, limit)


async def _lock(connection: asyncpg.Connection, query: str, *arguments: object) -> LockedDevices:
    columns = await connection.fetchrow(_AS_ARRAYS.format(query), *arguments)
    table = np.array([column or [] for column in columns], dtype=np.int64)
    device_ids, newest_s, tokens = table[:, np.argsort(table[0])]
    return LockedDevices(device_ids, newest_s, tokens, tokens)


async def next_batch(connection: asyncpg.Connection) -> int:
    """The number of a batch whose devices are locked: higher than that of any batch with a reading of them."""
    number: int = await connection.fetchval("SELECT nextval('inference.batch_numbers')")
    return number


async def last_batch(connection: asyncpg.Connection) -> int:
    """The highest batch number so far."""
    number: int = await connection.fetchval("SELECT last_value FROM inference.batch_numbers")
    return number


async def set_newest(connection: asyncpg.Connection, locked: LockedDevices) -> None:
    """Store the newest seconds and the tokens of devices, where they changed."""
    if not len(locked):
        return
    query = """
        UPDATE inference.devices AS d SET newest_s = s.newest_s, window_token = s.token
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (device_id, newest_s, token)
        WHERE d.device_id = s.device_id AND (d.newest_s, d.window_token) <> (s.newest_s, s.token)"""
    columns = (locked.device_ids, locked.newest_s, locked.tokens)
    await connection.execute(query, *(column.tolist() for column in columns))


async def mark_unscored(connection: asyncpg.Connection, readings: Readings) -> None:
    """Mark the devices of these readings, sorted by device and time: readings from the first of each are unscored."""
    query = """
        UPDATE inference.devices AS d SET unscored_since_s = least(d.unscored_since_s, r.timestamp_s)
        FROM unnest($1::bigint[], $2::bigint[]) AS r (device_id, timestamp_s)
        WHERE d.device_id = r.device_id AND (d.unscored_since_s > r.timestamp_s OR d.unscored_since_s IS NULL)"""
    device_ids, first = np.unique(readings.device_ids, return_index=True)
    await connection.execute(query, device_ids.tolist(), readings.timestamps_s[first].tolist())


async def set_considered(connection: asyncpg.Connection, device_ids: Sequence[int], sequence: int) -> None:
    """Store that these devices were considered under this activation, and that none of their readings is unscored."""
    query = """
        UPDATE inference.devices
        SET considered_sequence = greatest(considered_sequence, $2), unscored_since_s = NULL
        WHERE device_id = ANY($1::bigint[]) AND (considered_sequence < $2 OR unscored_since_s IS NOT NULL)"""
    await connection.execute(query, device_ids, sequence)
