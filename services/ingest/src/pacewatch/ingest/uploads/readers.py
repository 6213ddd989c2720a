"""Files as chunks of rows, a few MiB at a time: what is read is flat in memory however large the file.

A chunk knows how many rows and bytes lie behind it, which is all that is needed to go on from there later.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from pacewatch.contracts.telemetry import RowError
from pacewatch.ingest.errors import FileTooLargeInside, FileUnreadable, LineTooLong
from pacewatch.ingest.parsing import WRONG_WIDTH, json_row
from pacewatch.ingest.telemetry.bodies import DAMAGE
from pacewatch.ingest.telemetry.checking import ValidRows, check
from pacewatch.ingest.telemetry.columns import check_names, check_schema, check_table
from pacewatch.ingest.telemetry.pages import opened, unpacked_sizes
from pacewatch.ingest.telemetry.rules import Rules

CHUNK_ROWS: Final = 20_000
_BLOCK_BYTES: Final = 2 * 2**20
_MAX_LINE_BYTES: Final = 2**16
# The reader holds a page of each column at a time, unpacked. Writers make pages of a MiB; some, one of a row group.
_MAX_PAGE_BYTES: Final = 16 * 2**20


class Format(StrEnum):
    """What a file may be."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that follow each other in the file; `bytes_done` and `rows_total` as far as the file tells."""

    rows: int
    bytes_done: int
    rows_total: int | None
    ignored_columns: Sequence[str]
    content: "pa.Table | list[Any]"

    def check(self, rules: Rules, latest_s: float) -> tuple[ValidRows, list[RowError]]:
        """The good rows, and why the others are not good, numbered within the chunk."""
        if isinstance(self.content, list):
            return check(self.content, rules, latest_s)
        return check_table(self.content, rules, latest_s)


def chunks(path: Path, kind: Format, rules: Rules, rows_done: int, bytes_done: int) -> Generator[Chunk]:
    """What is left of a file behind so many rows and bytes; Unprocessable when it cannot be read on."""
    try:
        with path.open("rb") as file:
            if kind is Format.PARQUET:
                yield from _parquet(file, path.stat().st_size, rules, rows_done)
            elif kind is Format.CSV:
                yield from _csv(file, rules, bytes_done)
            else:
                file.seek(bytes_done)
                for block, done in _blocks(file, bytes_done):
                    rows = [json_row(line) for line in block.splitlines_exact()]
                    named = rules.ignored_among(set().union(*(row for row in rows if type(row) is dict)))
                    yield Chunk(len(rows), done, None, named, rows)
    except FileNotFoundError:
        raise FileUnreadable("the spooled file is gone; upload it again") from None
    except DAMAGE as error:
        raise FileUnreadable(f"the file cannot be read as {kind}: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines."""

    text: bytes

    def splitlines_exact(self) -> list[bytes]:
        """Lines end in a line feed and nowhere else."""
        return self.text.removesuffix(b"\n").split(b"\n")


def _blocks(file: BinaryIO, done: int) -> Iterator[tuple[Block, int]]:
    """Blocks of at most CHUNK_ROWS lines, and the position in the file behind each."""
    while text := file.read(_BLOCK_BYTES):
        if not text.endswith(b"\n"):
            text += file.readline(_MAX_LINE_BYTES)
            if not text.endswith(b"\n") and file.read(1):
                raise LineTooLong()
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))[CHUNK_ROWS - 1 :: CHUNK_ROWS] + 1
        cuts = [0, *ends.tolist(), len(text)]
        for start, end in pairwise(cuts):
            if end > start:
                done += end - start
                yield Block(text[start:end]), done


def _csv(file: BinaryIO, rules: Rules, bytes_done: int) -> Iterator[Chunk]:
    header = file.readline(_MAX_LINE_BYTES)
    if not header.strip():
        raise FileUnreadable("the file is empty; its first line must name the columns")
    if not header.endswith(b"\n") and file.read(1):
        raise LineTooLong()
    names = [name.strip(' \r\n"') for name in header.decode("utf-8-sig").split(",")]
    check_names(names, rules)
    ignored = rules.ignored_among(names)
    start = max(bytes_done, len(header))
    file.seek(start)
    for block, done in _blocks(file, start):
        lines = block.text.count(b"\n") + (not block.text.endswith(b"\n"))
        table = _numbers(block.text, lines, names, rules)
        content = _texts(block, names, rules) if table is None else table
        yield Chunk(lines, done, None, ignored, content)


# Letters that a number may hold; everything else, and every word, is for the slow way to judge.
_PLAIN: Final = b"0123456789+-.eE,\r\n"


def _numbers(text: bytes, lines: int, names: Sequence[str], rules: Rules) -> pa.Table | None:
    """The table of a block that holds nothing but numbers, each row complete; None for any other."""
    if text.translate(None, _PLAIN):
        return None
    kinds = {name: pa.int64() if name in rules.whole else pa.float64() for name in names}
    try:
        table = pc.read_csv(
            BytesIO(text),
            pc.ReadOptions(use_threads=False, column_names=list(names), block_size=2 * _BLOCK_BYTES),
            pc.ParseOptions(quote_char=False, ignore_empty_lines=False),
            pc.ConvertOptions(column_types=kinds, null_values=[""]),
        )
    except pa.ArrowInvalid:
        return None
    required = (table.column(name) for name in rules.fields)
    complete = len(table) == lines and not any(column.null_count for column in required)
    return table if complete else None


def _texts(block: Block, names: Sequence[str], rules: Rules) -> list[Any]:
    """Row by row, as JSON would have brought them; an empty field is one that is not there."""
    return [_row(line.decode("utf-8", "replace").rstrip("\r"), names, rules) for line in block.splitlines_exact()]


def _row(line: str, names: Sequence[str], rules: Rules) -> Any:
    texts = line.split(",")
    if len(texts) != len(names):
        return WRONG_WIDTH
    values = {name: _value(text.strip(' "')) for name, text in zip(names, texts, strict=True)}
    return {name: value for name, value in values.items() if value is not None or name in rules.ignored}


_WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.ASCII | re.IGNORECASE)


def _value(text: str) -> int | float | str | None:
    if not text:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _parquet(file: BinaryIO, size: int, rules: Rules, rows_done: int) -> Iterator[Chunk]:
    with opened(file, buffer_size=2**20, pre_buffer=False) as parquet:
        schema, metadata = parquet.schema_arrow, parquet.metadata
        check_schema(schema, rules)
        if any(size > _MAX_PAGE_BYTES for size in unpacked_sizes(file, metadata, rules)):
            raise FileTooLargeInside()
        total, ignored, behind = metadata.num_rows, rules.ignored_among(schema.names), 0
        groups: list[int] = []
        for group in range(metadata.num_row_groups):
            rows = metadata.row_group(group).num_rows
            if behind + rows <= rows_done and not groups:
                behind += rows
            else:
                groups.append(group)
        batches = parquet.iter_batches(CHUNK_ROWS, groups, list(rules.fields), use_threads=False) if groups else ()
        for batch in batches:
            skipped = min(max(rows_done - behind, 0), batch.num_rows)
            behind += batch.num_rows
            if skipped < batch.num_rows:
                batch.validate(full=True)
                table = pa.Table.from_batches([batch.slice(skipped)])
                yield Chunk(len(table), size * behind // total, total, ignored, table)
