"""Bodies are read by ourselves: a framework would coerce, echo the input, and build a model object per row."""

import json
from typing import Any

import orjson
from fastapi import Request
from starlette.requests import ClientDisconnect

from pacewatch.ingest.errors import BodyIncomplete, JsonInvalid, NotAnArray, TooFewRows, TooManyRows

# What stands in a row's place when one of its fields comes twice: JSON parsers disagree about which one counts.
REPEATED_FIELD = object()


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
    return _repeats_marked(body) if _may_repeat_a_field(body, rows) else rows


def _may_repeat_a_field(body: bytes, rows: list[Any]) -> bool:
    """Each field has two quotation marks; more of them mean text, or a field that comes twice and was swallowed."""
    return body.count(b'"') != 2 * sum(len(row) for row in rows if type(row) is dict)


def _repeats_marked(body: bytes) -> list[Any]:
    """Parse once more, slowly, with REPEATED_FIELD for every object that has a field twice."""
    try:
        rows: list[Any] = json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise JsonInvalid() from None
    return rows


def _object(pairs: list[tuple[str, Any]]) -> object:
    row = dict(pairs)
    return row if len(row) == len(pairs) else REPEATED_FIELD
