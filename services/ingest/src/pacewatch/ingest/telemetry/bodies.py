"""A batch in any of its formats, by content type; what a body unpacks to is bounded before it is unpacked."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import pyarrow as pa

from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST, RowError
from pacewatch.ingest.errors import BodyCompressed, BodyTooLargeInside, BodyUnreadable, TooFewRows, TooManyRows
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.telemetry.checking import ValidRows, check
from pacewatch.ingest.telemetry.columns import check_schema, check_table
from pacewatch.ingest.telemetry.pages import opened, unpacked_sizes
from pacewatch.ingest.telemetry.rules import Rules

# Twenty columns of eight bytes in so many rows are 320 kB; the rest is room for dictionaries and page headers.
MAX_UNPACKED_BYTES: Final = 8 * 2**20
# What Arrow raises on damaged input.
DAMAGE: Final = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)


class MediaType(StrEnum):
    """What a batch may come as; anything else is taken for JSON."""

    JSON = "application/json"
    PARQUET = "application/vnd.apache.parquet"
    ARROW = "application/vnd.apache.arrow.stream"

    @classmethod
    def of(cls, header: str) -> "MediaType":
        """The format a Content-Type header names."""
        name = header.partition(";")[0].strip().lower()
        return cls(name) if name in set(cls) else cls.JSON


@dataclass(frozen=True, slots=True)
class Sent:
    """A body that is a batch: its rows, or its table, and the columns that came along unused."""

    content: list[Any] | pa.Table
    ignored_columns: list[str]

    def __len__(self) -> int:
        return len(self.content)

    def check(self, rules: Rules, latest_s: float) -> tuple[ValidRows, list[RowError]]:
        """The good rows, and why the others are not good: the same rules for every format."""
        if isinstance(self.content, list):
            return check(self.content, rules, latest_s)
        return check_table(self.content, rules, latest_s)


def read(body: bytes, media_type: MediaType, rules: Rules) -> Sent:
    """The batch in `body`, of 1 to 2000 rows; Unprocessable when it is none."""
    if media_type is MediaType.JSON:
        rows = json_array(body, MAX_ROWS_PER_REQUEST)
        return Sent(rows, rules.ignored_among(set().union(*(row for row in rows if type(row) is dict))))
    reader = _parquet if media_type is MediaType.PARQUET else _arrow
    try:
        table, names = reader(body, rules)
    except DAMAGE:
        raise BodyUnreadable(f"the body is not readable as {media_type}") from None
    if not len(table):
        raise TooFewRows("the table is empty; send at least one row")
    return Sent(table, rules.ignored_among(names))


def _parquet(body: bytes, rules: Rules) -> tuple[pa.Table, list[str]]:
    with opened(body) as file:
        metadata = file.metadata
        _refuse_too_many(metadata.num_rows)
        schema = file.schema_arrow
        check_schema(schema, rules)
        if sum(unpacked_sizes(BytesIO(body), metadata, rules)) > MAX_UNPACKED_BYTES:
            raise BodyTooLargeInside()
        table = file.read(columns=list(rules.fields), use_threads=False)
    _refuse_too_many(len(table))
    table.validate(full=True)
    return table, schema.names


def _arrow(body: bytes, rules: Rules) -> tuple[pa.Table, list[str]]:
    for metadata in _record_batches(body):
        if _is_compressed(metadata):
            raise BodyCompressed()
    with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
        schema = stream.schema
        check_schema(schema, rules)
        batches, rows = [], 0
        for batch in stream:
            rows += batch.num_rows
            _refuse_too_many(rows)
            batch.validate(full=True)
            batches.append(batch)
    return pa.Table.from_batches(batches, schema).select(list(rules.fields)), schema.names


def _refuse_too_many(rows: int) -> None:
    if rows > MAX_ROWS_PER_REQUEST:
        raise TooManyRows(f"the table has {rows} rows; send at most {MAX_ROWS_PER_REQUEST} at once")


def _record_batches(body: bytes) -> Iterator[bytes]:
    """The metadata of each message that holds a record batch."""
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    for message in reader:
        if message.type == "record batch":
            yield message.metadata.to_pybytes()


def _is_compressed(metadata: bytes) -> bool:
    """Whether the record batch's `compression` is set: the fourth field of the table in the message's third."""
    try:
        (message,) = struct.unpack_from("<I", metadata)
        slot: int = _field(metadata, message, 2)
        batch: int = slot + struct.unpack_from("<I", metadata, slot)[0]
        return bool(slot != message and _field(metadata, batch, 3) != batch)
    except (struct.error, IndexError):
        raise BodyUnreadable() from None


def _field(data: bytes, table: int, number: int) -> int:
    """Where a field of a FlatBuffers table stands; the table itself when the field is not set."""
    vtable: int = table - struct.unpack_from("<i", data, table)[0]
    if vtable < 0:
        raise IndexError
    size = struct.unpack_from("<H", data, vtable)[0]
    at = 4 + 2 * number
    return table + (int(struct.unpack_from("<H", data, vtable + at)[0]) if at + 2 <= size else 0)
