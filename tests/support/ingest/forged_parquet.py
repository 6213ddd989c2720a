"""Forged Parquet files: small by the footer, but far larger by the page headers, which readers follow."""

import io
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from support.ingest import reading

TAIL_BYTES = 8  # the footer's length, and PAR1


def forged(rows: int, claimed_rows: int, *, renamed: bool = False) -> bytes:
    """One page of `rows` per column; the footer claims `claimed_rows` in a few bytes, and may misname column chunks."""
    table = pa.table({field: np.full(rows, value) for field, value in reading().items()})
    body, footer = split(_written(table))
    group = pq.ParquetFile(io.BytesIO(body + footer)).metadata.row_group(0)
    sizes = {group.column(place).total_uncompressed_size for place in range(group.num_columns)}
    for truth, claim in [(rows, claimed_rows), (group.total_byte_size, 1_000), *((size, 100) for size in sizes)]:
        assert number(truth) in footer
        footer = footer.replace(number(truth), number(claim, len(number(truth))))
    for name in map(str.encode, reading() if renamed else ()):
        first, chunk = footer.index(name), footer.rindex(name)
        assert first < chunk, "in the schema, and in the column chunk"
        footer = footer[:chunk] + b"x" * len(name) + footer[chunk + len(name) :]
    return body + footer


def bloated(chunks: int, *, only_claimed: bool = False) -> bytes:
    """No rows, but a footer with so many column chunks of three bytes each, or one that only claims them."""
    schema = b"\x2c\x48\x01r\x15\x02\x00\x15\x0a\x25\x00\x18\x01a\x00"
    count = bytes([0xFC]) + _varint(chunks)
    group = b"\x19" + count + (b"" if only_claimed else b"\x26\x00\x00" * chunks + b"\x16\x00\x16\x00\x00\x00")
    footer = b"\x15\x02\x19" + schema + b"\x16\x00\x19\x1c" + group
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def _written(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    one_page = {"data_page_size": 2**30, "max_rows_per_page": 2**30, "row_group_size": 2**30}
    plain = {"use_dictionary": False, "write_statistics": False, "store_schema": False}
    pq.write_table(table, sink, compression="zstd", **one_page, **plain)
    return sink.getvalue()


def split(file: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack("<I", file[-TAIL_BYTES:-4])
    return file[: -TAIL_BYTES - length], file[-TAIL_BYTES - length :]


def number(value: int, length: int = 0) -> bytes:
    """An integer in Thrift's compact protocol, of at least `length` bytes: longer than needed is allowed."""
    return _varint(value << 1, length)


def _varint(value: int, length: int = 0) -> bytes:
    digits = bytearray()
    while value >= 0x80 or len(digits) + 1 < length:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(digits) + bytes([value])
