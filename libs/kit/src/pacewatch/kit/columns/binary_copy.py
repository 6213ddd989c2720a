"""PostgreSQL's binary COPY in NumPy, both ways: a thousand rows cost no Python object each, and keep all their bits.

The format is in PostgreSQL's manual under COPY, "Binary Format"; values are as its types send and receive them.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import numpy as np
from numpy.typing import NDArray

Column = bytes | NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int16] | NDArray[np.float64]
"""One value for all rows, as PostgreSQL receives it; or one a row; or, of shape (rows, n), n doubles a row."""

# A signature, no flags, no extension; and at the end a row of -1 columns.
_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_FLOAT8_OID: Final = 701
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)

BIGINT: Final = np.dtype(np.int64)
SMALLINT: Final = np.dtype(np.int16)
DOUBLE: Final = np.dtype(np.float64)


class NullInColumn(ValueError):
    """A fetched column has a NULL, for which an array of numbers has no value."""


async def into(
    connection: asyncpg.Connection, schema: str, table: str, rows: int, columns: Mapping[str, Column]
) -> None:
    """Add `rows` rows to a table, columns by name, none of them NULL."""
    # asyncpg would take bytes for the name of a file, and read an open file in another thread.
    source = memoryview(encode(rows, list(columns.values())))
    await connection.copy_to_table(table, schema_name=schema, columns=list(columns), source=source, format="binary")


async def fetch(
    connection: asyncpg.Connection, query: str, columns: Mapping[str, np.dtype[Any]], *arguments: object
) -> dict[str, NDArray[Any]]:
    """The rows of a query as one array per column, by name; NullInColumn if a value is NULL.

    `columns` are the query's, in its order: int16 for smallint, int32 for integer, int64 for bigint, float64 for
    double precision.
    """
    received = bytearray()

    async def receive(chunk: bytes) -> None:
        received.extend(chunk)

    await connection.copy_from_query(query, *arguments, output=receive, format="binary")
    return decode(columns, received)


def decode(columns: Mapping[str, np.dtype[Any]], received: bytes | bytearray) -> dict[str, NDArray[Any]]:
    """Without NULLs every row has the same length, so the whole answer is one structured array."""
    cells = [part for number, dtype in enumerate(columns.values())
             for part in ((f"length{number}", ">i4"), (f"value{number}", _network(dtype)))]  # fmt: skip
    record = np.dtype([("columns", ">i2"), *cells])
    body = len(received) - len(_HEADER) - len(_TRAILER)
    usable = body - body % record.itemsize
    rows = np.frombuffer(received, record, offset=len(_HEADER), count=usable // record.itemsize)
    if body != usable or not all(
        (rows[f"length{number}"] == dtype.itemsize).all() for number, dtype in enumerate(columns.values())
    ):
        raise NullInColumn(f"a row has no value in one of: {', '.join(columns)}")
    return {name: rows[f"value{number}"].astype(dtype) for number, (name, dtype) in enumerate(columns.items())}


def encode(rows: int, columns: Sequence[Column]) -> bytes:
    """`rows` rows of these columns, none of them NULL."""
    values = [_value(column) for column in columns]
    cells = [(f"{kind}{place}", form) for place, (dtype, _) in enumerate(values)
             for kind, form in (("length", ">i4"), ("value", dtype))]  # fmt: skip
    table: Any = np.empty(rows, dtype=[("columns", ">i2"), *cells])
    table["columns"] = len(columns)
    for place, (dtype, value) in enumerate(values):
        table[f"length{place}"] = dtype.itemsize
        table[f"value{place}"] = value
    return b"".join((_HEADER, table.tobytes(), _TRAILER))


def moment(at: datetime) -> bytes:
    """A timestamptz."""
    since = at - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds).to_bytes(8, signed=True)


def boolean(value: bool) -> bytes:
    """A boolean."""
    return bytes([value])


def bigint(value: int) -> bytes:
    """A bigint."""
    return struct.pack(">q", value)


def double(value: float) -> bytes:
    """A double precision."""
    return struct.pack(">d", value)


def _value(column: Column) -> tuple[np.dtype[Any], Any]:
    if isinstance(column, bytes):
        return np.dtype(f"V{len(column)}"), np.void(column)
    if column.ndim == 1:
        return _network(column.dtype), column
    return _doubles(column)


def _network(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder(">")


def _doubles(column: NDArray[Any]) -> tuple[np.dtype[Any], Any]:
    """double precision[]: dimensions, a flag for NULLs, the type, length and lower bound, then the elements."""
    length = column.shape[1]
    head = [("dimensions", ">i4"), ("nulls", ">i4"), ("type", ">i4"), ("length", ">i4"), ("lower", ">i4")]
    dtype = np.dtype([*head, ("elements", [("bytes", ">i4"), ("value", ">f8")], (length,))])
    arrays: Any = np.empty(len(column), dtype=dtype)
    for name, value in zip((name for name, _ in head), (1, 0, _FLOAT8_OID, length, 1), strict=True):
        arrays[name] = value
    arrays["elements"]["bytes"] = 8
    arrays["elements"]["value"] = column
    return dtype, arrays
