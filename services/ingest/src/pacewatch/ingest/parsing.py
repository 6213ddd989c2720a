"""Bodies are read by ourselves: a framework would coerce, echo the input, and build a model object per row."""

import json
from typing import Any

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect

from pacewatch.ingest.errors import BodyIncomplete, JsonInvalid, NotAnArray, TooFewRows, TooManyRows

# What stands in a row's place when one of its fields comes twice: JSON parsers disagree about which one counts.
REPEATED_FIELD = object()
# What stands in the place of a line that is no JSON.
NOT_JSON = object()
# What stands in the place of a CSV line that has more or fewer fields than the header.
WRONG_WIDTH = object()


async def body_of(request: Request) -> bytes:
    """The whole body; BodyIncomplete when the client went away."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise BodyIncomplete() from None


def json_array(body: bytes, most: int) -> list[Any]:
    """The array in `body`, of 1 to `most` values of whatever kind; Unprocessable otherwise."""
    try:
        rows = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise JsonInvalid() from None
    if not isinstance(rows, list):
        raise NotAnArray()
    if not rows:
        raise TooFewRows()
    if len(rows) > most:
        raise TooManyRows(f"the array has {len(rows)} rows; send at most {most} at once")
    marked: list[Any] = _repeats_marked(body) if _may_repeat_a_field(body, rows) else rows
    return marked


def _may_repeat_a_field(body: bytes, rows: list[Any]) -> bool:
    """Each field has two quotation marks; more of them mean text, or a field that comes twice and was swallowed."""
    return body.count(b'"') != 2 * sum(len(row) for row in rows if type(row) is dict)


def _repeats_marked(body: bytes) -> Any:
    """Parse once more, slowly, with REPEATED_FIELD for every object that has a field twice."""
    try:
        return json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise JsonInvalid() from None


def _object(pairs: list[tuple[str, Any]]) -> object:
    row = dict(pairs)
    return row if len(row) == len(pairs) else REPEATED_FIELD


def json_row(line: bytes) -> Any:
    """The value in one line of NDJSON; NOT_JSON when it is none."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return NOT_JSON
    if type(row) is dict and line.count(b'"') != 2 * len(row):
        return _repeats_marked(line)
    return row
