"""The readings and batches that the clients of the ingest oracle's test send."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from support.ingest import Row

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

Key = tuple[int, int]
"""Device and Unix second of a reading."""
Values = tuple[float, ...]


class Kind(StrEnum):
    """The kind of a reading, which decides the answer to it."""

    NEW = "new"
    STORED = "stored"
    CONFLICT = "conflict"
    TWICE = "twice in the batch"
    SHARED = "shared"
    TEN_MINUTES_AHEAD = "10 min ahead"
    DAY_AHEAD = "1 day ahead"
    IN_1970 = "1970"
    IN_2100 = "2100"


class Reading(NamedTuple):
    """One row of a batch; `rejection` is the error code that it must get independently of what is stored."""

    key: Key
    values: Values
    is_shared: bool = False
    rejection: str = ""

    def row(self) -> Row:
        names = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
        return dict(zip(names, (*self.key, *self.values), strict=True))


@dataclass(frozen=True)
class Batch:
    """One request, repeated with the same body until it is answered."""

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


MEDIA_TYPE_WEIGHTS: Final = {
    "application/json": 8,
    "application/vnd.apache.parquet": 1,
    "application/vnd.apache.arrow.stream": 1,
}
