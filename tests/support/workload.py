"""What eight clients send on a bad day: repeats, conflicts, late rows, wrong clocks.

A key is one client's own, so that every reply can be told in advance, or of a pool that all of them send at once.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from support.ingest import Row

Key = tuple[int, int]
Values = tuple[float, ...]
CLIENTS: Final = 8
HOUR_S: Final = 3_600
# A client's own devices report hourly; a row held back for so many places has been overtaken by its device's next ones.
_DEVICES: Final = 100
_OUT_OF_ORDER: Final = 0.215  # of new rows: 15 % of all
_FIRST_DEVICE, _WRONG_CLOCKS, _SHARED_DEVICE = 1_000_000, 500_000, 99_000_000
_WINDOW: Final = 250
_2100_S: Final = 4_102_444_800


class Kind(StrEnum):
    """Why a row is sent."""

    NEW = "new"
    STORED = "stored"
    CONFLICT = "conflict"
    TWICE = "twice in the batch"
    SHARED = "shared"
    TEN_MINUTES_AHEAD = "10 min ahead"
    DAY_AHEAD = "1 day ahead"
    IN_1970 = "1970"
    IN_2100 = "2100"


# Parts of a thousand. Shared keys come only under an Idempotency-Key: then no acceptance goes with a lost answer.
_KINDS: Final = {
    True: dict(zip(Kind, (710, 80, 45, 35, 90, 10, 10, 10, 10), strict=True)),
    False: dict(zip(Kind, (800, 80, 45, 35, 0, 10, 10, 10, 10), strict=True)),
}


class Reading(NamedTuple):
    """A row as it is sent; `refusal` is the code it must get whatever is stored."""

    key: Key
    values: Values
    is_shared: bool = False
    refusal: str = ""

    def row(self) -> Row:
        names = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
        return dict(zip(names, (*self.key, *self.values), strict=True))


@dataclass(frozen=True)
class Batch:
    """One request: sent again with the same body until it is answered."""

    readings: Sequence[Reading]
    idempotency_key: str | None
    media_type: str

    def body(self) -> bytes:
        rows = [reading.row() for reading in self.readings]
        if self.media_type == "application/json":
            return orjson.dumps(rows)
        table, sink = pa.Table.from_pylist(rows), pa.BufferOutputStream()
        if self.media_type == "application/vnd.apache.parquet":
            pq.write_table(table, sink)
        else:
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
        return bytes(sink.getvalue())


_MEDIA_TYPES: Final = {
    "application/json": 8,
    "application/vnd.apache.parquet": 1,
    "application/vnd.apache.arrow.stream": 1,
}


@dataclass
class Workload:
    """Everything that is sent from `started_s` on, by seed; `kinds` and `out_of_order` count what came out."""

    seed: int
    rows: int
    started_s: int
    kinds: Counter[Kind] = field(default_factory=Counter)
    out_of_order: int = 0

    def clients(self) -> list[list[Batch]]:
        """The batches of each client, in its order."""
        chance = random.Random(self.seed)
        pool = [
            Reading(
                (_SHARED_DEVICE + place % 37, self.started_s - place // 37 * HOUR_S), _values(chance), is_shared=True
            )
            for place in range(max(self.rows // 180, _WINDOW))
        ]
        rows = [self.rows // CLIENTS + (client < self.rows % CLIENTS) for client in range(CLIENTS)]
        return [_Client(self, client, pool, rows[client]).batches() for client in range(CLIENTS)]


class _Client:
    def __init__(self, workload: Workload, number: int, pool: Sequence[Reading], rows: int) -> None:
        self._all, self._number, self._pool, self._rows = workload, number, pool, rows
        self._chance = random.Random(f"{workload.seed} {number}")
        self._new = self._new_readings()
        self._strangers = count(self._first_device() + _WRONG_CLOCKS)
        self._sent: list[Reading] = []
        self._newest_s: dict[int, int] = {}
        self._ready = 0

    def batches(self) -> list[Batch]:
        batches: list[Batch] = []
        while size := min(self._chance.randint(100, 1_000), self._rows - self._ready):
            is_keyed = self._chance.random() < 0.5
            (media_type,) = self._chance.choices(list(_MEDIA_TYPES), list(_MEDIA_TYPES.values()))
            key = f"{self._number}-{len(batches)}" if is_keyed else None
            batches.append(Batch(self._readings(size, is_keyed=is_keyed), key, media_type))
            self._ready += size
        return batches

    def _readings(self, size: int, *, is_keyed: bool) -> list[Reading]:
        parts = _KINDS[is_keyed]
        batch: list[Reading] = []
        fresh: list[Reading] = []
        for kind in self._chance.choices(list(parts), list(parts.values()), k=size):
            if (reading := self._reading(kind, fresh)) is None:
                reading = next(self._new)
                fresh.append(reading)
                self._note_order(reading)
            self._all.kinds[kind] += 1
            batch.append(reading)
        self._sent += fresh
        return batch

    def _reading(self, kind: Kind, fresh: Sequence[Reading]) -> Reading | None:
        """A row of this kind; None while there is nothing to repeat, or it is to be a new one."""
        now_s = self._all.started_s
        match kind:
            case Kind.STORED if self._sent:
                return self._chance.choice(self._sent)
            case Kind.CONFLICT if self._sent:
                return self._chance.choice(self._sent)._replace(values=_values(self._chance))
            case Kind.TWICE if fresh:
                repeated = self._chance.choice(fresh)
                return self._chance.choice((repeated, repeated._replace(values=_values(self._chance))))
            case Kind.SHARED:
                return self._shared()
            case Kind.TEN_MINUTES_AHEAD:
                return self._stranger(now_s + 600)
            case Kind.DAY_AHEAD:
                return self._stranger(now_s + SECONDS_PER_DAY, "timestamp_in_future")
            case Kind.IN_1970:
                return self._stranger(self._chance.randrange(SECONDS_PER_DAY), "timestamp_too_old")
            case Kind.IN_2100:
                return self._stranger(_2100_S, "timestamp_in_future")
        return None

    def _shared(self) -> Reading:
        """Of those that the others are sending about now, sometimes with values of our own."""
        furthest = self._ready * (len(self._pool) - _WINDOW) // self._rows
        found = self._pool[furthest + self._chance.randrange(_WINDOW)]
        return found._replace(values=_values(self._chance)) if self._chance.random() < 0.3 else found

    def _stranger(self, timestamp_s: int, refusal: str = "") -> Reading:
        return Reading((next(self._strangers), timestamp_s), _values(self._chance), refusal=refusal)

    def _new_readings(self) -> Iterator[Reading]:
        """Hour by hour over all devices, some an hour or so late, some more than a day."""
        places = [(place + self._delay(), place) for place in range(self._rows)]
        first_s = self._all.started_s - (self._rows // _DEVICES + 1) * HOUR_S
        for _, place in sorted(places):
            device, hour = self._first_device() + place % _DEVICES, place // _DEVICES
            yield Reading((device, first_s + hour * HOUR_S), _values(self._chance))

    def _delay(self) -> int:
        if self._chance.random() >= _OUT_OF_ORDER:
            return 0
        hours = self._chance.choice(((2, 6), (25, 60)))
        return self._chance.randrange(hours[0] * _DEVICES, hours[1] * _DEVICES)

    def _note_order(self, reading: Reading) -> None:
        device, timestamp_s = reading.key
        newest_s = self._newest_s.get(device, 0)
        self._all.out_of_order += timestamp_s < newest_s
        self._newest_s[device] = max(newest_s, timestamp_s)

    def _first_device(self) -> int:
        return (self._number + 1) * _FIRST_DEVICE


def _values(chance: random.Random) -> Values:
    return tuple(chance.uniform(signal.normal.low, signal.normal.high) for signal in PACEMAKER.signals)
