"""Hostile Parquet files and Arrow streams, of at most about `size` bytes each."""

import io
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from support.ingest import NOW_S, reading
from support.ingest.forged_parquet import bloated, forged, number, split

ROW = reading()
# Of a file of 26 KB.
_MANY = 2_000_000


def _rows(count: int) -> pa.Table:
    """Valid rows, each key once."""
    numbers = np.arange(count)
    columns: dict[str, Any] = {name: np.full(count, value, np.float64) for name, value in ROW.items()}
    first, second, *_ = ROW
    return pa.table(columns | {first: numbers // 100, second: NOW_S - 86_400 * (numbers % 100)})


def _parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def overlapping_chunks(random: Random, size: int) -> bytes:
    """Row groups whose column chunks are all those of the first group, which have many pages."""
    groups, rows = max(size // 8_000, 2), random.choice([1_000, 2_000])
    options: dict[str, Any] = {"use_dictionary": False, "compression": "none", "write_statistics": False}
    table = _rows(groups * rows)
    body, footer = split(_parquet(table, row_group_size=rows, data_page_size=64, write_batch_size=8, **options))
    metadata = pq.ParquetFile(io.BytesIO(body + footer)).metadata
    chunks = [metadata.row_group(0).column(place) for place in range(len(ROW))]
    for group in range(1, groups):
        for place, first in enumerate(chunks):
            offset = number(metadata.row_group(group).column(place).data_page_offset)
            footer = footer.replace(offset, number(first.data_page_offset, len(offset)))
    return body[: max(chunk.data_page_offset + chunk.total_compressed_size for chunk in chunks)] + footer


def nulls(random: Random, size: int) -> bytes:
    """A few kilobytes that give twelve million errors."""
    count = _MANY if size > 2**20 else size
    kinds = [pa.int64(), pa.int64(), *[pa.float64()] * (len(ROW) - 2)]
    columns = {name: pa.nulls(count, kind) for name, kind in zip(ROW, kinds, strict=True)}
    return _parquet(pa.table(columns), row_group_size=random.choice([_MANY, 100_000]))


def the_same_row(random: Random, size: int) -> bytes:
    count = _MANY if size > 2**20 else size
    return _parquet(pa.table({name: np.full(count, value) for name, value in ROW.items()}), compression="zstd")


def pages_that_unpack_far(random: Random, size: int) -> bytes:
    """Pages of 15 MiB from a few hundred bytes: each fits into memory, all of them take a minute to unpack."""
    rows = 15 * 2**17
    table = pa.table({name: np.full(rows, value) for name, value in ROW.items()})
    pages = {"data_page_size": 2**30, "max_rows_per_page": 2**30, "use_dictionary": False}
    return _parquet(
        pa.concat_tables([table] * min(size // 10_000 + 1, 4)), compression="zstd", row_group_size=rows, **pages
    )


def many_pages(random: Random, size: int) -> bytes:
    """A page for every row or two."""
    options: dict[str, Any] = {"use_dictionary": False, "write_statistics": False, "compression": "none"}
    rows = min(size // (len(ROW) * 45), 10_000)
    return _parquet(_rows(rows), data_page_size=1, write_batch_size=random.choice([1, 2]), **options)[:4_194_304]


def many_row_groups(random: Random, size: int) -> bytes:
    return _parquet(_rows(min(size // 2_500, 1_000)), row_group_size=1)


def many_columns(random: Random, size: int) -> bytes:
    return _parquet(_wide(random, size))


def many_arrow_columns(random: Random, size: int) -> bytes:
    return _arrow(_wide(random, size).to_batches())


def _wide(random: Random, size: int) -> pa.Table:
    return pa.table({f"c{place}": [random.random()] for place in range(min(size // 400, 9_000))})


def forged_footers(random: Random, size: int) -> bytes:
    choices = [
        lambda: forged(3_000_000, claimed_rows=2_000),
        lambda: forged(1_000_000, claimed_rows=2_000, renamed=True),
        lambda: bloated(size // 8),
        lambda: bloated(1_000_000, only_claimed=True),
        lambda: bloated(300_000),
    ]
    return random.choice(choices)()[:4_194_304]


def damaged_parquet(random: Random, size: int) -> bytes:
    options = {"compression": random.choice(["none", "snappy", "zstd"]), "use_dictionary": random.random() < 0.5}
    return _damaged(_parquet(_rows(min(size // 60, 2_000)), **options), random)


def damaged_arrow(random: Random, size: int) -> bytes:
    return _damaged(_arrow(_rows(min(size // 60, 2_000)).to_batches()), random)


def compressed_arrow(random: Random, size: int) -> bytes:
    """Some kilobytes that unpack to hundreds of MiB."""
    rows = pa.table({name: np.full(size, value) for name, value in ROW.items()})
    return _arrow(rows.to_batches(), pa.ipc.IpcWriteOptions(compression=random.choice(["zstd", "lz4"])))[:4_194_304]


def empty_record_batches(random: Random, size: int) -> bytes:
    batch = _rows(2).to_batches()[0]
    return _arrow([batch.slice(0, 0)] * min(size // 600, 6_000))


def _arrow(batches: list[pa.RecordBatch], options: pa.ipc.IpcWriteOptions | None = None) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema, options=options) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return sink.getvalue()


def _damaged(file: bytes, random: Random) -> bytes:
    body = bytearray(file)
    for _ in range(random.randrange(1, 20)):
        body[random.randrange(len(body))] = random.randrange(256)
    return bytes(body[: random.choice([len(body), len(body), random.randrange(len(body))])])
