"""Reads a CSV file in chunks, every cell as it is written; a block of plain numbers is typed while it is parsed."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from pacewatch.contracts.tables.columns import ColumnKind, TableColumns
from pacewatch.kit.columns.arrays import Ints
from pacewatch.kit.tables.errors import FileUnreadable
from pacewatch.kit.tables.files.chunks import Chunk
from pacewatch.kit.tables.files.lines import BLOCK_BYTES, read_blocks, read_line, split_lines
from pacewatch.kit.tables.header import Header, header_of, refuse_errors
from pacewatch.kit.tables.hints import other_delimiter
from pacewatch.kit.tables.table import Dialect
from pacewatch.kit.tables.values.faults import Fault

_BOM: Final = b"\xef\xbb\xbf"
# What spreadsheets write before the header to say how the columns are separated.
_SAYS_DELIMITER: Final = "sep="


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known from the first lines: how many columns a line has, and which of them are used."""

    width: int
    header: Header
    numbers: frozenset[str]
    dialect: Dialect


def read_csv(
    file: BinaryIO,
    spec: TableColumns,
    dialect: Dialect,
    rows_done: int,
    bytes_done: int,
    chunk_rows: int,
    *,
    others_ignored: bool = False,
) -> Iterator[Chunk]:
    """The chunks behind so many rows and bytes; Unprocessable if the header is wrong or a line too long."""
    names, dialect, lines = read_head(file, dialect)
    start = file.tell()
    header = header_of(names, spec, others_ignored=others_ignored)
    refuse_errors(header, spec)
    numbers = frozenset(one.name for one in spec.columns if one.kind is ColumnKind.NUMBER)
    layout = _Layout(len(names), header, numbers, dialect)
    for block, position in read_blocks(file, max(bytes_done, start), chunk_rows):
        rows = block.count(b"\n") + (not block.endswith(b"\n"))
        content, places, bad = _parsed(block, rows, layout)
        content, places = _without_blank(content, places)
        yield Chunk(content, places, rows, bad, rows_done, rows_done + lines, position, None, header.ignored)
        rows_done += rows


def read_head(file: BinaryIO, dialect: Dialect) -> tuple[list[str], Dialect, int]:
    """The names in the header, the dialect with what the file itself says of it, and the number of the first row."""
    text, lines = _text(read_line(file).removeprefix(_BOM)), 2
    if text.strip().lower().startswith(_SAYS_DELIMITER):
        try:
            dialect = Dialect(text.strip()[len(_SAYS_DELIMITER) :] or "\t", dialect.decimal, dialect.time_format)
        except ValueError as error:
            raise FileUnreadable(f"the first line says {text.strip()!r}: {error}") from None
        text, lines = _text(read_line(file)), 3
    if not text.strip():
        raise FileUnreadable("the file is empty; its first line must name the columns")
    if "\r" in text.rstrip("\r\n"):
        raise FileUnreadable("the lines end with carriage returns alone; save the file with line feeds")
    start = file.tell()
    if hint := other_delimiter(text, read_line(file).decode("utf-8", "replace"), dialect.delimiter):
        raise FileUnreadable(hint)
    file.seek(start)
    try:
        return next(csv.reader([text.strip("\r\n")], delimiter=dialect.delimiter, strict=True)), dialect, lines
    except csv.Error:
        raise FileUnreadable("the first line has a quotation mark without its pair") from None


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise FileUnreadable("the first line is not text in UTF-8; save the file as CSV in UTF-8") from None


def _parsed(block: bytes, rows: int, layout: _Layout) -> tuple[dict[str, Any], Ints, list[tuple[int, Fault]]]:
    """Columns of the lines that have all fields, the places of these lines, and what is wrong with the others."""
    if b"\r" in block:
        # A carriage return within a line ends no line; in a cell it is no part of any value.
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\0")
    try:
        found = _by_arrow(block, layout, layout.numbers if layout.dialect.decimal == "." else frozenset())
    except pa.ArrowInvalid:
        try:
            found = _by_arrow(block, layout, frozenset())
        except pa.ArrowInvalid:  # not UTF-8
            found = _by_arrow(block.decode("utf-8", "replace").encode(), layout, frozenset())
    columns, wrong = found
    good = len(next(iter(columns.values())))
    if good + len(wrong) != rows:  # a quotation mark without its pair swallowed the lines behind it
        return _line_by_line(block, layout)
    is_good = np.ones(rows, dtype=np.bool_)
    is_good[wrong] = False
    return columns, np.flatnonzero(is_good), [(place, Fault.WRONG_WIDTH) for place in wrong]


def _by_arrow(block: bytes, layout: _Layout, typed: frozenset[str]) -> tuple[dict[str, Any], list[int]]:
    """The used columns, those in `typed` as doubles; and the places of lines with more or fewer fields."""
    wrong = list[int]()

    def skip(row: pc.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    keys = [f"f{place}" for place in range(layout.width)]
    used = layout.header.places
    types = {keys[place]: pa.float64() if name in typed else pa.string() for name, place in used.items()}
    table = pc.read_csv(
        io.BytesIO(block),
        pc.ReadOptions(use_threads=False, column_names=keys, block_size=2 * BLOCK_BYTES),
        pc.ParseOptions(delimiter=layout.dialect.delimiter, ignore_empty_lines=False, invalid_row_handler=skip),
        pc.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""], strings_can_be_null=True),
    )
    return {name: table.column(keys[place]) for name, place in used.items()}, wrong


def _line_by_line(block: bytes, layout: _Layout) -> tuple[dict[str, Any], Ints, list[tuple[int, Fault]]]:
    places, rows, bad = list[int](), list[list[str]](), list[tuple[int, Fault]]()
    for place, line in enumerate(split_lines(block)):
        try:
            text = line.decode("utf-8", "replace")
            fields = next(csv.reader([text], delimiter=layout.dialect.delimiter, strict=True), [])
        except csv.Error:
            bad.append((place, Fault.BROKEN_QUOTES))
            continue
        if fields and len(fields) != layout.width:
            bad.append((place, Fault.WRONG_WIDTH))
            continue
        places.append(place)
        rows.append(fields or [""] * layout.width)
    used = layout.header.places
    columns = {name: pa.array([row[place] or None for row in rows], pa.string()) for name, place in used.items()}
    return columns, np.array(places, dtype=np.int64), bad


def _without_blank(columns: Mapping[str, Any], places: Ints) -> tuple[dict[str, Any], Ints]:
    """Without the rows that have nothing in any column that is used: blank lines, and lines of delimiters."""
    counts = [column.null_count for column in columns.values()]
    if not all(counts):
        return dict(columns), places
    is_blank = np.logical_and.reduce([column.is_null().to_numpy() for column in map(_whole, columns.values())])
    kept = pa.array(~is_blank)
    return {name: column.filter(kept) for name, column in columns.items()}, places[~is_blank]


def _whole(column: Any) -> Any:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
