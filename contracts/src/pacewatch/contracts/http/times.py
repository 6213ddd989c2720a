"""Times at the API: ISO 8601 in UTC out; in, either ISO 8601 with a zone or whole Unix seconds.

The exception is the `timestamp` of a reading: it is part of its key, and answered as it was sent, beside `measured_at`.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from pacewatch.contracts.base import MAX_INTEGER

LAST_S: Final = 253_402_300_799  # the end of the year 9999
EXPECTED: Final = "is not a time: give ISO 8601 with its zone, such as 2026-01-01T06:00:00Z, or whole Unix seconds"
_DIGITS: Final = re.compile(r"\d{1,16}", re.ASCII)


def _from_iso(text: str) -> int | None:
    """Unix seconds; None if it is not ISO 8601 to the second, with a zone."""
    try:
        # A plus that a client did not encode arrives as a space.
        moment = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text))
        has_all = moment.tzinfo is not None and not moment.microsecond and len(text) >= len("2026-01-01T06:00Z")
        return int(moment.timestamp()) if has_all else None
    except (ValueError, OverflowError):
        return None


def _of_body(value: Any) -> Any:
    """What is neither a number nor a time is left to the type: a text of digits is none."""
    seconds = _from_iso(value) if isinstance(value, str) else None
    return value if seconds is None else seconds


def _of_query(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    seconds = int(value) if _DIGITS.fullmatch(value) else _from_iso(value)
    if seconds is None:
        raise ValueError(EXPECTED)
    return seconds


def iso(unix_s: float) -> str:
    """The time in ISO 8601, UTC, to the second."""
    return f"{datetime.fromtimestamp(int(unix_s), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _to_datetime(value: Any) -> Any:
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC) if value <= LAST_S else None
    # Behind a function Pydantic's strict mode takes no text, not even of JSON.
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _schema(last_s: int) -> WithJsonSchema:
    seconds = {"type": "integer", "minimum": 0, "maximum": last_s}
    return WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, seconds]})


SentTime = Annotated[int, Field(ge=0, le=LAST_S), BeforeValidator(_of_body), _schema(LAST_S)]
"""A time in a body, as Unix seconds: what is stored can be answered."""

QueryTime = Annotated[int, Field(ge=0, le=MAX_INTEGER), BeforeValidator(_of_query), _schema(MAX_INTEGER)]
"""A time in a query, as Unix seconds."""

StoredTime = Annotated[datetime, BeforeValidator(_to_datetime)]
"""A time in an answer, from stored Unix seconds up to the year 9999: ISO 8601 in UTC."""

OptionalTime = Annotated[datetime | None, BeforeValidator(_to_datetime)]
"""The same; None without a time, or beyond the year 9999, which ISO 8601 cannot say."""
