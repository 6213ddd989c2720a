"""A healthy fleet that reports once a day: every device keeps its id and its history."""

from collections.abc import Iterator

import numpy as np
import orjson
from support.fleets import Row

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST
from pacewatch.simulator.devices.devices import draw_devices
from pacewatch.simulator.devices.physics import advance_drift, draw_drift, healthy_values, measure

FIRST_DEVICE = 10_000_000
BATCH_ROWS = 1_000
# Old enough that the lead has healed, and young enough that no battery is spent before the benchmark ends.
AGE_DAYS = (100.0, 1_500.0)
_NAMES = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)


class DailyFleet:
    """`devices` devices from the day of `day_s` on; `day_s` is the first second of the next day to come.

    Each device reports at its own time of day. They are spread evenly over the day, so that a day's batches are too.
    """

    def __init__(self, devices: int, day_s: int, first_device: int = FIRST_DEVICE) -> None:
        self.day_s = day_s
        self._rng = np.random.default_rng(first_device)
        self._within_s = np.arange(devices) * SECONDS_PER_DAY // devices
        # In the order of time, ids are in none: neighbours in a batch are no neighbours in an index.
        ids = first_device + self._rng.permutation(devices)
        ages = self._rng.uniform(*AGE_DAYS, devices)
        self._devices = draw_devices(self._rng, ids, ages, day_s, frozenset())
        self._drift = draw_drift(self._rng, devices)

    def __len__(self) -> int:
        return len(self._within_s)

    @property
    def batches_per_day(self) -> int:
        """Requests of at most BATCH_ROWS rows."""
        return -(-len(self) // BATCH_ROWS)

    def day(self) -> list[Row]:
        """One reading of every device, in the order of time; the next call gives the next day."""
        timestamps_s = self.day_s + self._within_s
        age_days = (timestamps_s - self._devices.implanted_s) / SECONDS_PER_DAY
        advance_drift(self._rng, self._drift)
        true = healthy_values(self._devices, self._drift, age_days, self._within_s / 3_600)
        values = measure(self._rng, true, self._devices.coarse)
        self.day_s += SECONDS_PER_DAY
        columns = (self._devices.device_id.tolist(), timestamps_s.tolist(), *values.T.tolist())
        return [dict(zip(_NAMES, row, strict=True)) for row in zip(*columns, strict=True)]

    def batches(self, days: int) -> Iterator[list[Row]]:
        """The rows of as many days, request by request."""
        for _ in range(days):
            rows = self.day()
            for start in range(0, len(rows), BATCH_ROWS):
                yield rows[start : start + BATCH_ROWS]

    def history(self, days: int) -> Iterator[list[Row]]:
        """The rows of as many days, each request with all days of some devices, as a history is handed over."""
        past = [self.day() for _ in range(days)]
        devices = MAX_ROWS_PER_REQUEST // days
        for start in range(0, len(self), devices):
            yield [row for rows in past for row in rows[start : start + devices]]


def as_lines(batches: Iterator[list[Row]]) -> bytes:
    """One JSON body a line, as the sender reads them."""
    return b"\n".join(orjson.dumps(batch) for batch in batches)
