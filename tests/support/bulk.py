"""Readings by the hundred thousand, as arrays: a fleet's days in the order they arrive, made faster than stored."""

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

STORED = ("device_id", "timestamp_s", *PACEMAKER.signal_names, "batch_number")
"""Columns of `ingest.readings` that have no default, in the order of `Bulk.csv`."""


@dataclass(frozen=True)
class Bulk:
    """Rows in the order of their timestamps; `signals` has a line a row and a column a signal."""

    device_ids: npt.NDArray[np.int64]
    timestamps_s: npt.NDArray[np.int64]
    signals: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.device_ids)

    def part(self, start: int, count: int) -> "Bulk":
        """`count` rows from `start` on."""
        rows = slice(start, start + count)
        return Bulk(self.device_ids[rows], self.timestamps_s[rows], self.signals[rows])

    def table(self) -> pa.Table:
        """With the fields of a reading as columns."""
        names = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
        return pa.table(dict(zip(names, (self.device_ids, self.timestamps_s, *self.signals.T), strict=True)))

    def csv(self, batch_number: int = 0) -> io.BytesIO:
        """For COPY into the table: the columns STORED, as text."""
        numbers = np.full(len(self), batch_number)
        table = pa.table([*self.table().columns, pa.array(numbers)], names=list(STORED))
        text = io.BytesIO()
        pc.write_csv(table, text, pc.WriteOptions(include_header=False))
        text.seek(0)
        return text

    def bodies(self, rows: int) -> Iterator[bytes]:
        """JSON batches of so many rows."""
        for batch in self.table().to_batches(max_chunksize=rows):
            yield orjson.dumps(batch.to_pylist())


def bulk(count: int, devices: int, first_device: int, end_s: int) -> Bulk:
    """`count` readings: a day's of every device at its own time of day, day after day up to `end_s`, Unix seconds."""
    chance = np.random.default_rng(first_device)
    days = -(-count // devices)
    own_time_s = chance.permutation(np.sort(chance.integers(0, SECONDS_PER_DAY, devices)))
    order = np.argsort(own_time_s, kind="stable")
    starts_s = end_s - SECONDS_PER_DAY * np.arange(days, 0, -1)
    lows, highs = (np.array([getattr(one.normal, end) for one in PACEMAKER.signals]) for end in ("low", "high"))
    signals = chance.uniform(lows, highs, (days * devices, len(lows))).round(3)
    return Bulk(
        np.tile(order + first_device, days)[:count],
        (starts_s[:, None] + own_time_s[order]).ravel()[:count],
        signals[:count],
    )
