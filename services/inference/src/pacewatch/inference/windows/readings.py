"""This service's own readings: written by arrays, read back as NumPy columns without a Python object per value."""

# ruff: noqa: S608 - schema and column names come from the code and the profile; every value is a parameter

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import asyncpg
import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.telemetry import Readings
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.arrays import Bools, Floats, Ints

# PostgreSQL's binary COPY: each row begins with its number of columns, each value with its length.
_HEADER_BYTES, _TRAILER_BYTES = 19, 2
_COUNT_BYTES, _LENGTH_BYTES = 2, 4
_CELL_BYTES = _LENGTH_BYTES + 8

EVERY_BATCH = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Keys:
    """Readings by device and Unix second; both arrays have one entry a reading."""

    device_ids: Ints
    timestamps_s: Ints

    def __len__(self) -> int:
        return len(self.device_ids)

    def where(self, chosen: Bools) -> "Keys":
        """Those that are chosen; `chosen` has one entry a reading."""
        return Keys(self.device_ids[chosen], self.timestamps_s[chosen])

    def pairs(self) -> list[tuple[int, int]]:
        """As Python pairs of device and Unix second."""
        return list(zip(self.device_ids.tolist(), self.timestamps_s.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings as columns, each of shape (rows,), sorted by device and time; `signals` in the signals' units."""

    keys: Keys
    signals: Mapping[str, Floats]

    def positions(self, keys: Keys, *, side: Literal["left", "right"] = "left") -> Ints:
        """Where `keys`, of devices among these, would go: with "left", where they are if they are here."""
        begins = np.append(True, np.diff(self.keys.device_ids) != 0)
        devices, own = self.keys.device_ids[begins], np.cumsum(begins) - 1
        start_s = min(self.keys.timestamps_s.min(), keys.timestamps_s.min())
        stride = max(self.keys.timestamps_s.max(), keys.timestamps_s.max()) - start_s + 1
        place = own * stride + (self.keys.timestamps_s - start_s)
        wanted = np.searchsorted(devices, keys.device_ids) * stride + (keys.timestamps_s - start_s)
        found: Ints = np.searchsorted(place, wanted, side=side)
        return found


@dataclass(frozen=True, slots=True)
class Spans:
    """Which readings scores can depend on: of each device, sorted by id, those after `since_s` up to `until_s`."""

    device_ids: Ints
    since_s: Ints
    until_s: Ints

    @classmethod
    def of(cls, profile: Profile, wanted: Keys) -> Self:
        """The spans of scores of `wanted`, which are sorted."""
        devices, first, count = np.unique(wanted.device_ids, return_index=True, return_counts=True)
        since_s = wanted.timestamps_s[first] - profile.longest_window_days * SECONDS_PER_DAY
        return cls(devices, since_s, wanted.timestamps_s[first + count - 1])

    def places(self, device_ids: Ints) -> Ints:
        """Where these devices stand among the spans."""
        found: Ints = np.searchsorted(self.device_ids, device_ids)
        return found


NO_KEYS = Keys(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def no_rows(profile: Profile) -> Rows:
    """No readings."""
    return Rows(NO_KEYS, {name: np.empty(0) for name in profile.signal_names})


def among(keys: Keys, others: Keys) -> Bools:
    """Which of `keys` are among `others`; shape (keys,)."""
    known = set(others.pairs())
    return np.array([pair in known for pair in keys.pairs()], dtype=bool)


def as_rows(readings: Readings) -> Rows:
    """An event's readings as arrays, sorted."""
    device_ids, timestamps_s = (np.array(part, np.int64) for part in (readings.device_ids, readings.timestamps_s))
    order = np.lexsort((timestamps_s, device_ids))
    signals = {name: np.array(values, dtype=np.float64)[order] for name, values in readings.signals.items()}
    return Rows(Keys(device_ids[order], timestamps_s[order]), signals)


async def store(connection: asyncpg.Connection, profile: Profile, rows: Rows, number: int, *, live: bool) -> Keys:
    """Insert what is not there yet, as of batch `number`; the keys of what was new, sorted."""
    names = profile.signal_names
    arrays = ", ".join(f"${position}::float8[]" for position in range(5, 5 + len(names)))
    query = f"""
        WITH stored AS (
            INSERT INTO inference.readings (batch_number, live, device_id, timestamp_s, {_columns(profile)})
            SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[], {arrays}) ORDER BY 3, 4
            ON CONFLICT DO NOTHING RETURNING device_id, timestamp_s
        )
        SELECT count(*), array_agg(device_id), array_agg(timestamp_s) FROM stored"""
    columns = (rows.keys.device_ids, rows.keys.timestamps_s, *(rows.signals[name] for name in names))
    count, *stored = await connection.fetchrow(query, number, live, *(column.tolist() for column in columns))
    if not count:
        return NO_KEYS
    device_ids, timestamps_s = (np.array(column, dtype=np.int64) for column in stored)
    order = np.lexsort((timestamps_s, device_ids))
    return Keys(device_ids[order], timestamps_s[order])


async def copy(connection: asyncpg.Connection, profile: Profile, rows: Rows, number: int, *, live: bool) -> None:
    """The same for rows of which none is there; half the work."""
    columns: dict[str, binary_copy.Column] = {
        "batch_number": binary_copy.bigint(number),
        "live": binary_copy.boolean(live),
        "device_id": rows.keys.device_ids,
        "timestamp_s": rows.keys.timestamps_s,
        **{name: rows.signals[name] for name in profile.signal_names},
    }
    await binary_copy.into(connection, "inference", "readings", len(rows.keys), columns)


def keys_of(pairs: Iterable[tuple[int, int]]) -> Keys:
    """Pairs, or records, of device and Unix second as keys: sorted, each once."""
    table = np.array(sorted({(device, second) for device, second in pairs}), dtype=np.int64).reshape(-1, 2)
    return Keys(np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))


async def load(connection: asyncpg.Connection, profile: Profile, wanted: Keys, *, known: int = EVERY_BATCH) -> Rows:
    """Every reading of batches up to `known` that a score of `wanted` (sorted) can depend on, by device and time."""
    spans = Spans.of(profile, wanted)
    query = f"""
        SELECT r.device_id, r.timestamp_s, {_columns(profile)}
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (device_id, since_s, until_s)
        JOIN inference.readings AS r
          ON r.device_id = w.device_id AND r.timestamp_s > w.since_s AND r.timestamp_s <= w.until_s
        WHERE r.batch_number <= $4::bigint"""
    buffer = io.BytesIO()
    columns = (spans.device_ids.tolist(), spans.since_s.tolist(), spans.until_s.tolist())
    await connection.copy_from_query(query, *columns, known, output=buffer, format="binary")
    return _decode(profile, buffer.getbuffer())


def _columns(profile: Profile) -> str:
    return ", ".join(f'"{name}"' for name in profile.signal_names)


def _decode(profile: Profile, copied: memoryview) -> Rows:
    """Rows of a binary COPY; every column is 8 bytes wide and never null, so all of it is one structured array."""
    formats = {"device_id": ">i8", "timestamp_s": ">i8", **dict.fromkeys(profile.signal_names, ">f8")}
    layout = {
        "names": list(formats),
        "formats": list(formats.values()),
        "offsets": [_COUNT_BYTES + _LENGTH_BYTES + place * _CELL_BYTES for place in range(len(formats))],
        "itemsize": _COUNT_BYTES + len(formats) * _CELL_BYTES,
    }
    body = copied[_HEADER_BYTES : len(copied) - _TRAILER_BYTES]
    table: Any = np.frombuffer(body, dtype=np.dtype(layout))  # type: ignore[call-overload]
    device_ids, timestamps_s = table["device_id"].astype(np.int64), table["timestamp_s"].astype(np.int64)
    order = np.lexsort((timestamps_s, device_ids))  # a third of the time that PostgreSQL takes to sort them
    keys = Keys(device_ids[order], timestamps_s[order])
    return Rows(keys, {name: table[name].astype(np.float64)[order] for name in profile.signal_names})
