"""Reads an uploaded file in chunks of a few MiB: memory does not grow with the file.

A chunk has the number of rows and bytes before its end: these are all that a later worker needs to continue behind it.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from pacewatch.ingest.errors import FileUnreadable
from pacewatch.ingest.guards.arrow import DAMAGED_INPUT_ERRORS
from pacewatch.ingest.hints import HEAD_BYTES, PARQUET, mistaken_for
from pacewatch.ingest.parsing import json_row
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.ingest.uploads.chunks import Chunk, Format
from pacewatch.ingest.uploads.csv_file import read_csv
from pacewatch.ingest.uploads.lines import read_blocks, split_lines
from pacewatch.ingest.uploads.parquet_file import read_parquet


def read_chunks(
    path: Path, kind: Format, rules: Rules, rows_done: int, bytes_done: int, chunk_rows: int
) -> Generator[Chunk]:
    """The chunks behind so many rows and bytes; Unprocessable if the rest of the file cannot be read."""
    try:
        with path.open("rb") as file:
            _refuse_mistaken(file, kind)
            if kind is Format.PARQUET:
                yield from read_parquet(file, path.stat().st_size, rules, rows_done, chunk_rows)
            elif kind is Format.CSV:
                yield from read_csv(file, rules, bytes_done, chunk_rows)
            else:
                yield from _read_ndjson(file, rules, bytes_done, chunk_rows)
    except FileNotFoundError:
        raise FileUnreadable("the spooled file is missing; upload it again") from None
    except UnicodeDecodeError:
        raise FileUnreadable("the first line is not text in UTF-8; save the file as CSV in UTF-8") from None
    except DAMAGED_INPUT_ERRORS:
        raise FileUnreadable(f"the file cannot be read as {kind}: it is damaged, or in another format") from None


def _refuse_mistaken(file: BinaryIO, kind: Format) -> None:
    """FileUnreadable if the file begins as no file of its format does."""
    head = file.read(HEAD_BYTES)
    hint = "" if kind is Format.PARQUET and head.startswith(PARQUET) else mistaken_for(head)
    if hint:
        raise FileUnreadable(hint)
    file.seek(0)


def _read_ndjson(file: BinaryIO, rules: Rules, bytes_done: int, chunk_rows: int) -> Iterator[Chunk]:
    for block, position in read_blocks(file, bytes_done, chunk_rows):
        rows = [json_row(line) for line in split_lines(block)]
        ignored = rules.ignored_among(set().union(*(row for row in rows if type(row) is dict)))
        yield Chunk(len(rows), position, None, ignored, rows)
