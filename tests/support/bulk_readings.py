"""Hundreds of thousands of readings as arrays, in the order of arrival, for bulk tests and benchmarks."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.csv as pc

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

STORED_COLUMNS = ("device_id", "timestamp_s", *PACEMAKER.signal_names, "batch_number")
"""Columns of `ingest.readings` that have no default, in the order of `BulkReadings.csv`."""


@dataclass(frozen=True)
class BulkReadings:
    """Readings ordered by timestamp; `signals` has shape (readings, signals)."""

    device_ids: npt.NDArray[np.int64]
    timestamps_s: npt.NDArray[np.int64]
    signals: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.device_ids)

    def part(self, start: int, count: int) -> "BulkReadings":
        """`count` readings from `start` on."""
        rows = slice(start, start + count)
        return BulkReadings(self.device_ids[rows], self.timestamps_s[rows], self.signals[rows])

    def table(self) -> pa.Table:
        """An Arrow table with the API's fields of a reading as columns."""
        names = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
        return pa.table(dict(zip(names, (self.device_ids, self.timestamps_s, *self.signals.T), strict=True)))

    def csv(self, batch_number: int = 0) -> io.BytesIO:
        """CSV for COPY into `ingest.readings`: the columns STORED_COLUMNS as CSV text."""
        numbers = np.full(len(self), batch_number)
        table = pa.table([*self.table().columns, pa.array(numbers)], names=list(STORED_COLUMNS))
        buffer = io.BytesIO()
        pc.write_csv(table, buffer, pc.WriteOptions(include_header=False))
        buffer.seek(0)
        return buffer

    def bodies(self, rows: int) -> Iterator[bytes]:
        """JSON batches of `rows` readings each."""
        for batch in self.table().to_batches(max_chunksize=rows):
            yield orjson.dumps(batch.to_pylist())


def make_bulk_readings(count: int, devices: int, first_device: int, end_s: int) -> BulkReadings:
    """`count` readings: one per device and day, at the device's own time of day, up to `end_s` (Unix seconds)."""
    rng = np.random.default_rng(first_device)
    days = -(-count // devices)
    time_of_day_s = rng.permutation(np.sort(rng.integers(0, SECONDS_PER_DAY, devices)))
    order = np.argsort(time_of_day_s, kind="stable")
    starts_s = end_s - SECONDS_PER_DAY * np.arange(days, 0, -1)
    lows, highs = (np.array([getattr(one.normal, end) for one in PACEMAKER.signals]) for end in ("low", "high"))
    signals = rng.uniform(lows, highs, (days * devices, len(lows))).round(3)
    return BulkReadings(
        np.tile(order + first_device, days)[:count],
        (starts_s[:, None] + time_of_day_s[order]).ravel()[:count],
        signals[:count],
    )
