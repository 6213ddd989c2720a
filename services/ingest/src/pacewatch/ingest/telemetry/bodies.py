"""Parses a batch from a request body, in the format that the content type names; every format is bounded in size."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import pyarrow as pa

from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST
from pacewatch.ingest.errors import BodyCompressed, BodyTooLargeInside, BodyUnreadable, TooFewRows, TooManyRows
from pacewatch.ingest.guards.arrow import DAMAGED_INPUT_ERRORS, is_compressed
from pacewatch.ingest.guards.parquet import open_parquet, page_sizes
from pacewatch.ingest.hints import PARQUET, mistaken_for
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.telemetry.checking import CheckedRows
from pacewatch.ingest.telemetry.columns import check_content, check_schema
from pacewatch.ingest.telemetry.rules import Rules

# Twenty columns of eight bytes in so many rows are 320 kB; the rest is room for dictionaries and page headers.
MAX_UNPACKED_BYTES: Final = 8 * 2**20


class MediaType(StrEnum):
    """The formats of a batch; any other content type is read as JSON."""

    JSON = "application/json"
    PARQUET = "application/vnd.apache.parquet"
    ARROW = "application/vnd.apache.arrow.stream"

    @classmethod
    def of(cls, header: str) -> "MediaType":
        """The format that a Content-Type header names."""
        name = header.partition(";")[0].strip().lower()
        return cls(name) if name in set(cls) else cls.JSON


CheckBody = Callable[[bytes, MediaType], Awaitable[CheckedRows]]
"""Checks a body, here or in the parser's process."""


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """The rows or the table of a batch, and which of its columns are ignored."""

    content: list[Any] | pa.Table
    ignored_columns: list[str]


def check_body(body: bytes, media_type: MediaType, rules: Rules, latest_s: float) -> CheckedRows:
    """The rows of the batch in `body`, of 1 to 2000 rows, by the same rules for every format; Unprocessable."""
    parsed = _parse_body(body, media_type, rules)
    checked = check_content(parsed.content, rules, latest_s)
    return CheckedRows(len(parsed.content), *checked, parsed.ignored_columns)


def _parse_body(body: bytes, media_type: MediaType, rules: Rules) -> ParsedBody:
    """The batch in `body`, of 1 to 2000 rows; Unprocessable if `body` is no such batch."""
    if media_type is MediaType.JSON:
        rows = json_array(body, MAX_ROWS_PER_REQUEST)
        return ParsedBody(rows, rules.ignored_among(set().union(*(row for row in rows if type(row) is dict))))
    parse = _parse_parquet if media_type is MediaType.PARQUET else _parse_arrow
    try:
        table, names = parse(body, rules)
    except DAMAGED_INPUT_ERRORS:
        hint = "" if media_type is MediaType.PARQUET and body.startswith(PARQUET) else mistaken_for(body)
        raise BodyUnreadable(hint or f"the body is not readable as {media_type}") from None
    if not len(table):
        raise TooFewRows("the table is empty; send at least one row")
    return ParsedBody(table, rules.ignored_among(names))


def _parse_parquet(body: bytes, rules: Rules) -> tuple[pa.Table, list[str]]:
    with open_parquet(body) as file:
        metadata = file.metadata
        _refuse_too_many(metadata.num_rows)
        schema = file.schema_arrow
        check_schema(schema, rules)
        if sum(page_sizes(BytesIO(body), metadata, rules.required)) > MAX_UNPACKED_BYTES:
            raise BodyTooLargeInside()
        table = file.read(columns=list(rules.fields), use_threads=False)
    _refuse_too_many(len(table))
    table.validate(full=True)
    return table, schema.names


def _parse_arrow(body: bytes, rules: Rules) -> tuple[pa.Table, list[str]]:
    if is_compressed(body):
        raise BodyCompressed()
    with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
        schema = stream.schema
        check_schema(schema, rules)
        batches, rows = [], 0
        for batch in stream:
            rows += batch.num_rows
            _refuse_too_many(rows)
            batch.validate(full=True)
            batches.append(batch)
    return pa.Table.from_batches(batches, schema).select(list(rules.fields)), schema.names


def _refuse_too_many(rows: int) -> None:
    if rows > MAX_ROWS_PER_REQUEST:
        raise TooManyRows(f"the table has {rows} rows; send at most {MAX_ROWS_PER_REQUEST} at once")
