"""The batches of eight clients with every problem at once: repeats, conflicts, late rows, wrong clocks.

A key belongs to one client, so that the answer can be predicted, or to a pool of keys that all clients send.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from support.ingest_oracle.batches import MEDIA_TYPE_WEIGHTS, Batch, Kind, Reading, Values

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

CLIENTS: Final = 8
HOUR_S: Final = 3_600
# A client's own devices report hourly, in turns. A row delayed by more places than there are devices is out of order.
_DEVICES: Final = 100
_DELAYED_SHARE: Final = 0.215  # of new rows: 15 % of all rows
_FIRST_DEVICE, _WRONG_CLOCK_OFFSET, _SHARED_DEVICE = 1_000_000, 500_000, 99_000_000
_POOL_WINDOW: Final = 250  # shared rows that all clients send at about the same time
_2100_S: Final = 4_102_444_800


# Per thousand, by whether the batch has an Idempotency-Key. Shared keys are sent only with one: a repeat then returns
# the lost answer, so every acceptance is seen.
_KIND_WEIGHTS: Final = {
    True: dict(zip(Kind, (710, 80, 45, 35, 90, 10, 10, 10, 10), strict=True)),
    False: dict(zip(Kind, (800, 80, 45, 35, 0, 10, 10, 10, 10), strict=True)),
}


@dataclass
class Workload:
    """All batches for a seed, around `started_s`; `kinds` and `out_of_order` count the rows made so far."""

    seed: int
    rows: int
    started_s: int
    kinds: Counter[Kind] = field(default_factory=Counter)
    out_of_order: int = 0

    def clients(self) -> list[list[Batch]]:
        """The batches of each client, in the order of sending."""
        rng = random.Random(self.seed)
        pool = [
            Reading((_SHARED_DEVICE + place % 37, self.started_s - place // 37 * HOUR_S), _values(rng), is_shared=True)
            for place in range(max(self.rows // 180, _POOL_WINDOW))
        ]
        rows = [self.rows // CLIENTS + (client < self.rows % CLIENTS) for client in range(CLIENTS)]
        return [_Client(self, client, pool, rows[client]).batches() for client in range(CLIENTS)]


class _Client:
    def __init__(self, workload: Workload, number: int, pool: Sequence[Reading], rows: int) -> None:
        self._workload, self._number, self._pool, self._rows = workload, number, pool, rows
        self._rng = random.Random(f"{workload.seed} {number}")
        self._new_readings = self._make_new_readings()
        self._wrong_clock_ids = count(self._first_device() + _WRONG_CLOCK_OFFSET)
        self._sent: list[Reading] = []
        self._newest_s: dict[int, int] = {}
        self._rows_made = 0

    def batches(self) -> list[Batch]:
        batches: list[Batch] = []
        while size := min(self._rng.randint(100, 1_000), self._rows - self._rows_made):
            is_keyed = self._rng.random() < 0.5
            (media_type,) = self._rng.choices(list(MEDIA_TYPE_WEIGHTS), list(MEDIA_TYPE_WEIGHTS.values()))
            key = f"{self._number}-{len(batches)}" if is_keyed else None
            batches.append(Batch(self._readings(size, is_keyed=is_keyed), key, media_type))
            self._rows_made += size
        return batches

    def _readings(self, size: int, *, is_keyed: bool) -> list[Reading]:
        weights = _KIND_WEIGHTS[is_keyed]
        batch: list[Reading] = []
        fresh: list[Reading] = []
        for kind in self._rng.choices(list(weights), list(weights.values()), k=size):
            if (reading := self._reading(kind, fresh)) is None:
                reading = next(self._new_readings)
                fresh.append(reading)
                self._count_out_of_order(reading)
            self._workload.kinds[kind] += 1
            batch.append(reading)
        self._sent += fresh
        return batch

    def _reading(self, kind: Kind, fresh: Sequence[Reading]) -> Reading | None:
        """A row of this kind; None for a new one, also while there is nothing to repeat."""
        now_s = self._workload.started_s
        match kind:
            case Kind.STORED if self._sent:
                return self._rng.choice(self._sent)
            case Kind.CONFLICT if self._sent:
                return self._rng.choice(self._sent)._replace(values=_values(self._rng))
            case Kind.TWICE if fresh:
                repeated = self._rng.choice(fresh)
                return self._rng.choice((repeated, repeated._replace(values=_values(self._rng))))
            case Kind.SHARED:
                return self._shared()
            case Kind.TEN_MINUTES_AHEAD:
                return self._wrong_clock(now_s + 600)
            case Kind.DAY_AHEAD:
                return self._wrong_clock(now_s + SECONDS_PER_DAY, "timestamp_in_future")
            case Kind.IN_1970:
                return self._wrong_clock(self._rng.randrange(SECONDS_PER_DAY), "timestamp_too_old")
            case Kind.IN_2100:
                return self._wrong_clock(_2100_S, "timestamp_in_future")
        return None

    def _shared(self) -> Reading:
        """A row of the pool that the other clients send at about the same time, sometimes with other values."""
        window_start = self._rows_made * (len(self._pool) - _POOL_WINDOW) // self._rows
        shared = self._pool[window_start + self._rng.randrange(_POOL_WINDOW)]
        return shared._replace(values=_values(self._rng)) if self._rng.random() < 0.3 else shared

    def _wrong_clock(self, timestamp_s: int, rejection: str = "") -> Reading:
        return Reading((next(self._wrong_clock_ids), timestamp_s), _values(self._rng), rejection=rejection)

    def _make_new_readings(self) -> Iterator[Reading]:
        """One reading per device and hour; some are delayed by hours, some by more than a day."""
        places = [(place + self._delay_places(), place) for place in range(self._rows)]
        first_s = self._workload.started_s - (self._rows // _DEVICES + 1) * HOUR_S
        for _, place in sorted(places):
            device, hour = self._first_device() + place % _DEVICES, place // _DEVICES
            yield Reading((device, first_s + hour * HOUR_S), _values(self._rng))

    def _delay_places(self) -> int:
        if self._rng.random() >= _DELAYED_SHARE:
            return 0
        hours = self._rng.choice(((2, 6), (25, 60)))
        return self._rng.randrange(hours[0] * _DEVICES, hours[1] * _DEVICES)

    def _count_out_of_order(self, reading: Reading) -> None:
        device, timestamp_s = reading.key
        newest_s = self._newest_s.get(device, 0)
        self._workload.out_of_order += timestamp_s < newest_s
        self._newest_s[device] = max(newest_s, timestamp_s)

    def _first_device(self) -> int:
        return (self._number + 1) * _FIRST_DEVICE


def _values(rng: random.Random) -> Values:
    return tuple(rng.uniform(signal.normal.low, signal.normal.high) for signal in PACEMAKER.signals)
