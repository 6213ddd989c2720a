"""Reads a Parquet file in chunks, after its footer and pages have passed the guards."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np
import pyarrow.parquet as pq

from pacewatch.contracts.tables.columns import TableColumns
from pacewatch.kit.tables.errors import FileTooLargeInside
from pacewatch.kit.tables.files.chunks import Chunk
from pacewatch.kit.tables.files.guards.parquet import open_parquet, page_sizes
from pacewatch.kit.tables.header import header_of_schema

# pyarrow holds one unpacked page of each column. Most writers make pages of 1 MiB, some one page per row group.
_MAX_PAGES_BYTES: Final = 24 * 2**20
# Noise is packed to a half, equal values to a thousandth; but no file has so many of these that all of it is.
_MAX_RATIO: Final = 100
_ALWAYS_ALLOWED_BYTES: Final = 64 * 2**20


def read_parquet(
    file: BinaryIO,
    size_bytes: int,
    spec: TableColumns,
    rows_done: int,
    chunk_rows: int,
    *,
    others_ignored: bool = False,
) -> Iterator[Chunk]:
    """The chunks behind `rows_done`; Unprocessable if the columns are wrong or a page is too large."""
    with open_parquet(file, buffer_size=2**20, pre_buffer=False) as parquet:
        schema, metadata = parquet.schema_arrow, parquet.metadata
        header = header_of_schema(schema, spec, others_ignored=others_ignored)
        names = {schema.names[place]: name for name, place in header.places.items()}
        _refuse_too_large_inside(page_sizes(file, metadata, frozenset(names)), size_bytes, len(names))
        total = metadata.num_rows
        position, groups = _groups_behind(metadata, rows_done)
        if not groups:
            return
        for batch in parquet.iter_batches(chunk_rows, groups, list(names), use_threads=False):
            skipped = min(max(rows_done - position, 0), batch.num_rows)
            position += batch.num_rows
            if skipped < batch.num_rows:
                batch.validate(full=True)
                rest = batch.slice(skipped)
                content = {names[name]: rest.column(name) for name in rest.schema.names}
                start = position - len(rest)
                places = np.arange(len(rest))
                done = size_bytes * position // total
                yield Chunk(content, places, len(rest), (), start, start + 1, done, total, header.ignored)


def _refuse_too_large_inside(page_sizes: Iterator[int], size_bytes: int, columns: int) -> None:
    """FileTooLargeInside if a page of each column would take too much memory, or unpacking all pages far too long."""
    left_bytes = _ALWAYS_ALLOWED_BYTES + _MAX_RATIO * size_bytes
    for page_bytes in page_sizes:
        left_bytes -= page_bytes
        if page_bytes * columns > _MAX_PAGES_BYTES or left_bytes < 0:
            raise FileTooLargeInside()


def _groups_behind(metadata: pq.FileMetaData, rows_done: int) -> tuple[int, list[int]]:
    """The row groups that have rows behind `rows_done`, and the number of rows in those before."""
    rows_before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if rows_before + rows > rows_done:
            return rows_before, list(range(group, metadata.num_row_groups))
        rows_before += rows
    return rows_before, []
