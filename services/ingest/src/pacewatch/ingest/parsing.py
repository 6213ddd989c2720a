"""Parses JSON without the framework, which would coerce values, echo the input and build a model per row.

Nothing here imports the framework: the parser's process starts in half the time without it.
"""

import json
from typing import Any, Final

import orjson

from pacewatch.ingest.errors import JsonInvalid, NotAnArray, TooFewRows, TooManyRows, TooManyValues
from pacewatch.kit.tables.hints import mistaken_for
from pacewatch.kit.tables.json_rows import json_object

# A shorter body cannot have so many values that parsing it holds others up; 2,000 rows of readings are shorter.
_MEASURED_BYTES: Final = 2**20
_MAX_VALUES: Final = 200_000


def json_array(body: bytes, max_length: int) -> list[Any]:
    """The array in `body`, of 1 to `max_length` values of any type; Unprocessable otherwise."""
    if len(body) > _MEASURED_BYTES:
        _refuse_too_many_values(body)
    try:
        rows = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise JsonInvalid(mistaken_for(body)) from None
    if not isinstance(rows, list):
        raise NotAnArray()
    if not rows:
        raise TooFewRows()
    if len(rows) > max_length:
        raise TooManyRows(f"the array has {len(rows)} rows; send at most {max_length} at once")
    if not _may_repeat_a_field(body, rows):
        return rows
    _refuse_too_many_values(body)
    marked: list[Any] = _parse_marking_repeats(body)
    return marked


def _may_repeat_a_field(body: bytes, rows: list[Any]) -> bool:
    """A field name has two quotation marks; more of them mean text, or a repeated field that orjson dropped."""
    return body.count(b'"') != 2 * sum(len(row) for row in rows if type(row) is dict)


def _refuse_too_many_values(body: bytes) -> None:
    """TooManyValues, before anything is allocated: every value but the first has a comma or a bracket before it."""
    if sum(map(body.count, (b",", b"[", b"{"))) > _MAX_VALUES:
        raise TooManyValues()


def _parse_marking_repeats(body: bytes) -> Any:
    """Parse again, slowly, with REPEATED_FIELD for every object that has a field twice."""
    try:
        return json.loads(body, object_pairs_hook=json_object)
    except (ValueError, RecursionError):
        raise JsonInvalid() from None
