"""Reads a file in chunks, in the format that its sender says."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from pacewatch.contracts.tables.columns import TableColumns
from pacewatch.kit.tables.errors import FileUnreadable
from pacewatch.kit.tables.files.chunks import CHUNK_ROWS, Chunk, Format
from pacewatch.kit.tables.files.csv_file import read_csv
from pacewatch.kit.tables.files.guards.arrow import DAMAGED_INPUT_ERRORS
from pacewatch.kit.tables.files.lines import read_blocks, split_lines
from pacewatch.kit.tables.files.parquet_file import read_parquet
from pacewatch.kit.tables.hints import HEAD_BYTES, PARQUET, mistaken_for
from pacewatch.kit.tables.json_rows import NOT_JSON, json_row
from pacewatch.kit.tables.table import PLAIN, Dialect
from pacewatch.kit.tables.values.faults import Fault

_BOM: Final = b"\xef\xbb\xbf"


def read_chunks(
    path: Path,
    kind: Format,
    spec: TableColumns,
    dialect: Dialect = PLAIN,
    rows_done: int = 0,
    bytes_done: int = 0,
    chunk_rows: int = CHUNK_ROWS,
    *,
    others_ignored: bool = False,
) -> Generator[Chunk]:
    """The chunks behind so many rows and bytes; Unprocessable if the rest of the file cannot be read.

    Columns that `spec` does not declare are refused, or ignored with `others_ignored`.
    """
    try:
        with path.open("rb") as file:
            _refuse_mistaken(file, kind)
            if kind is Format.PARQUET:
                size = path.stat().st_size
                yield from read_parquet(file, size, spec, rows_done, chunk_rows, others_ignored=others_ignored)
            elif kind is Format.CSV:
                position = (rows_done, bytes_done, chunk_rows)
                yield from read_csv(file, spec, dialect, *position, others_ignored=others_ignored)
            else:
                yield from _read_ndjson(file, rows_done, bytes_done, chunk_rows)
    except FileNotFoundError:
        raise FileUnreadable("the spooled file is missing; upload it again") from None
    except DAMAGED_INPUT_ERRORS:
        raise FileUnreadable(f"the file cannot be read as {kind}: it is damaged, or in another format") from None


def _refuse_mistaken(file: BinaryIO, kind: Format) -> None:
    """FileUnreadable if the file begins as no file of its format does."""
    head = file.read(HEAD_BYTES)
    hint = "" if kind is Format.PARQUET and head.startswith(PARQUET) else mistaken_for(head)
    if hint:
        raise FileUnreadable(hint)
    file.seek(0)


def _read_ndjson(file: BinaryIO, rows_done: int, bytes_done: int, chunk_rows: int) -> Iterator[Chunk]:
    for block, position in read_blocks(file, bytes_done, chunk_rows):
        lines = split_lines(block.removeprefix(_BOM) if not rows_done else block)
        places, rows, bad = list[int](), list[object](), list[tuple[int, Fault]]()
        for place, line in enumerate(lines):
            if not line or line.isspace():
                continue
            row = json_row(line)
            if row is NOT_JSON:
                bad.append((place, Fault.NOT_JSON))
            else:
                places.append(place)
                rows.append(row)
        kept = np.array(places, dtype=np.int64)
        yield Chunk(rows, kept, len(lines), bad, rows_done, rows_done + 1, position, None, ())
        rows_done += len(lines)
