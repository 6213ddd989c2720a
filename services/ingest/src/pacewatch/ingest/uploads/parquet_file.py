"""Reads a Parquet file in chunks, after its footer and pages have passed the guards."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.ingest.errors import FileTooLargeInside
from pacewatch.ingest.guards.parquet import open_parquet, page_sizes
from pacewatch.ingest.telemetry.columns import check_schema
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.ingest.uploads import chunks
from pacewatch.ingest.uploads.chunks import Chunk

# pyarrow holds one unpacked page of each column. Most writers make pages of 1 MiB, some one page per row group.
_MAX_PAGE_BYTES: Final = 16 * 2**20


def read_parquet(file: BinaryIO, size_bytes: int, rules: Rules, rows_done: int) -> Iterator[Chunk]:
    """The chunks behind `rows_done`; Unprocessable if the columns are wrong or a page is too large."""
    with open_parquet(file, buffer_size=2**20, pre_buffer=False) as parquet:
        schema, metadata = parquet.schema_arrow, parquet.metadata
        check_schema(schema, rules)
        if any(page_bytes > _MAX_PAGE_BYTES for page_bytes in page_sizes(file, metadata, rules.required)):
            raise FileTooLargeInside()
        total, ignored = metadata.num_rows, rules.ignored_among(schema.names)
        position, groups = _groups_behind(metadata, rows_done)
        if not groups:
            return
        for batch in parquet.iter_batches(chunks.CHUNK_ROWS, groups, list(rules.fields), use_threads=False):
            skipped = min(max(rows_done - position, 0), batch.num_rows)
            position += batch.num_rows
            if skipped < batch.num_rows:
                batch.validate(full=True)
                table = pa.Table.from_batches([batch.slice(skipped)])
                yield Chunk(len(table), size_bytes * position // total, total, ignored, table)


def _groups_behind(metadata: pq.FileMetaData, rows_done: int) -> tuple[int, list[int]]:
    """The row groups that have rows behind `rows_done`, and the number of rows in those before."""
    rows_before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if rows_before + rows > rows_done:
            return rows_before, list(range(group, metadata.num_row_groups))
        rows_before += rows
    return rows_before, []
