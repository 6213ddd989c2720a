"""Reads a CSV file in chunks: a block of numbers as a table, any other block row by row."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.csv as pc

from pacewatch.ingest.errors import FileUnreadable
from pacewatch.ingest.hints import other_separator
from pacewatch.ingest.parsing import WRONG_WIDTH
from pacewatch.ingest.telemetry.columns import check_names
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.ingest.uploads.chunks import Chunk
from pacewatch.ingest.uploads.lines import BLOCK_BYTES, read_blocks, read_line, split_lines

# The characters of numbers. A block with any other, also in words such as nan, is parsed row by row.
_NUMERIC: Final = b"0123456789+-.eE,\r\n"
_INTEGER = re.compile(r"-?\d{1,20}", re.ASCII)
# Each text matches in one way only, so that a mismatch is found in linear time.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.ASCII | re.IGNORECASE)
# The longest double that a program writes has 24 characters; a longer field is text.
_MAX_NUMBER_LENGTH: Final = 40


def read_csv(file: BinaryIO, rules: Rules, bytes_done: int, chunk_rows: int) -> Iterator[Chunk]:
    """The chunks behind `bytes_done`; Unprocessable if the header is wrong or a line too long."""
    header = read_line(file)
    if not header.strip():
        raise FileUnreadable("the file is empty; its first line must name the columns")
    text = header.decode("utf-8-sig")
    if hint := other_separator(text):
        raise FileUnreadable(hint)
    names = [name.strip(' \r\n"') for name in text.split(",")]
    check_names(names, rules)
    ignored = rules.ignored_among(names)
    for block, position in read_blocks(file, max(bytes_done, len(header)), chunk_rows):
        rows = block.count(b"\n") + (not block.endswith(b"\n"))
        table = _parse_numbers(block, rows, names, rules)
        content = _parse_rows(block, names, rules) if table is None else table
        yield Chunk(rows, position, None, ignored, content)


def _parse_numbers(block: bytes, rows: int, names: Sequence[str], rules: Rules) -> pa.Table | None:
    """The table of a block that has only numbers and complete rows; None for any other block."""
    if block.translate(None, _NUMERIC):
        return None
    types = {name: pa.int64() if name in rules.integer_fields else pa.float64() for name in names}
    try:
        table = pc.read_csv(
            BytesIO(block),
            pc.ReadOptions(use_threads=False, column_names=list(names), block_size=2 * BLOCK_BYTES),
            pc.ParseOptions(quote_char=False, ignore_empty_lines=False),
            pc.ConvertOptions(column_types=types, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
    required = (table.column(name) for name in rules.fields)
    is_complete = len(table) == rows and not any(column.null_count for column in required)
    return table if is_complete else None


def _parse_rows(block: bytes, names: Sequence[str], rules: Rules) -> list[Any]:
    """The rows as JSON would have brought them; an empty field is a missing field."""
    return [_parse_row(line.decode("utf-8", "replace").rstrip("\r"), names, rules) for line in split_lines(block)]


def _parse_row(line: str, names: Sequence[str], rules: Rules) -> Any:
    texts = line.split(",", len(names))
    if len(texts) != len(names):
        return WRONG_WIDTH
    values = {name: _parse_value(text.strip(' "')) for name, text in zip(names, texts, strict=True)}
    return {name: value for name, value in values.items() if value is not None or name in rules.ignored}


def _parse_value(text: str) -> int | float | str | None:
    if not text:
        return None
    if len(text) > _MAX_NUMBER_LENGTH:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
