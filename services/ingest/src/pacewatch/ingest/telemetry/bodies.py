"""Parses a batch from a request body, in the format that the content type names; every format is bounded in size."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from io import BytesIO
from typing import Final

import pyarrow as pa

from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST
from pacewatch.ingest.errors import BodyCompressed, BodyTooLargeInside, BodyUnreadable, TooFewRows, TooManyRows
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.telemetry.checking import CheckedRows, check, check_table
from pacewatch.ingest.telemetry.rules import Rules
from pacewatch.kit.tables.files.guards.arrow import DAMAGED_INPUT_ERRORS, is_compressed
from pacewatch.kit.tables.files.guards.parquet import open_parquet, page_sizes
from pacewatch.kit.tables.header import Header, header_of_schema
from pacewatch.kit.tables.hints import PARQUET, mistaken_for

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


def check_body(body: bytes, media_type: MediaType, rules: Rules, latest_s: float) -> CheckedRows:
    """The rows of the batch in `body`, of 1 to 2000 rows, by the same rules for every format; Unprocessable."""
    if media_type is MediaType.JSON:
        rows = json_array(body, MAX_ROWS_PER_REQUEST)
        names = set().union(*(row for row in rows if type(row) is dict))
        return check(rows, rules, latest_s, [name for name in rules.ignored if name in names])
    parse = _parse_parquet if media_type is MediaType.PARQUET else _parse_arrow
    try:
        table, header = parse(body, rules)
    except DAMAGED_INPUT_ERRORS:
        hint = "" if media_type is MediaType.PARQUET and body.startswith(PARQUET) else mistaken_for(body)
        raise BodyUnreadable(hint or f"the body is not readable as {media_type}") from None
    if not len(table):
        raise TooFewRows("the table is empty; send at least one row")
    columns = {name: table.column(place) for name, place in zip(header.places, range(table.num_columns), strict=True)}
    return check_table(columns, len(table), rules, latest_s, header.ignored)


def _header(schema: pa.Schema, rules: Rules) -> tuple[Header, list[str]]:
    """The declared columns of a table, and the names that they have in it; ColumnsInvalid."""
    header = header_of_schema(schema, rules.columns())
    return header, [schema.names[place] for place in header.places.values()]


def _parse_parquet(body: bytes, rules: Rules) -> tuple[pa.Table, Header]:
    with open_parquet(body) as file:
        metadata = file.metadata
        _refuse_too_many(metadata.num_rows)
        header, names = _header(file.schema_arrow, rules)
        if sum(page_sizes(BytesIO(body), metadata, frozenset(names))) > MAX_UNPACKED_BYTES:
            raise BodyTooLargeInside()
        table = file.read(columns=names, use_threads=False).select(names)
    _refuse_too_many(len(table))
    table.validate(full=True)
    return table, header


def _parse_arrow(body: bytes, rules: Rules) -> tuple[pa.Table, Header]:
    if is_compressed(body):
        raise BodyCompressed()
    with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
        schema = stream.schema
        header, names = _header(schema, rules)
        batches, rows = [], 0
        for batch in stream:
            rows += batch.num_rows
            _refuse_too_many(rows)
            batch.validate(full=True)
            batches.append(batch)
    return pa.Table.from_batches(batches, schema).select(names), header


def _refuse_too_many(rows: int) -> None:
    if rows > MAX_ROWS_PER_REQUEST:
        raise TooManyRows(f"the table has {rows} rows; send at most {MAX_ROWS_PER_REQUEST} at once")
