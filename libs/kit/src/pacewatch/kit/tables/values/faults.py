"""What can be wrong with one cell, as a code and as words for the person who has to mend it."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

EXAMPLE: Final = "2026-01-31T12:00:00Z"
MAX_NAME_LENGTH: Final = 200

Faults = NDArray[np.uint8]
"""A `Fault` for each cell, 0 where there is none."""


def no_faults(rows: int) -> Faults:
    """None in so many rows."""
    return np.zeros(rows, dtype=np.uint8)


class Fault(IntEnum):
    """Why a cell has no value; 0 if it has one."""

    NONE = 0
    GAP = 1
    NO_NUMBER = 2
    DECIMAL_COMMA = 3
    DECIMAL_POINT = 4
    OUT_OF_RANGE = 5
    NO_DEVICE = 6
    DEVICE_FRACTION = 7
    DEVICE_ROUNDED = 8
    DEVICE_RANGE = 9
    NAME_TOO_LONG = 10
    NOT_TEXT = 11
    NO_TIME = 12
    TIME_FRACTION = 13
    TIME_AMBIGUOUS = 14
    TIME_FORMAT = 15
    MILLISECONDS = 16
    MICROSECONDS = 17
    NANOSECONDS = 18
    DIGITS_OF_DATE = 19
    TOO_OLD = 20
    IN_FUTURE = 21
    UNKNOWN_VALUE = 22
    WRONG_WIDTH = 23
    BROKEN_QUOTES = 24
    NOT_JSON = 25
    REPEATED_FIELD = 26
    NOT_AN_OBJECT = 27
    REPEATED_KEY = 28


WORDS: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.GAP: ("missing", "is required and has no value here"),
    Fault.NO_NUMBER: ("wrong_type", "must be a number"),
    Fault.DECIMAL_COMMA: ("decimal_comma", "looks like a decimal comma: write a point, or say --decimal ,"),
    Fault.DECIMAL_POINT: ("wrong_type", "has a point, but the decimals of this file are said to have commas"),
    Fault.OUT_OF_RANGE: ("out_of_range", "must be between"),
    Fault.NO_DEVICE: ("wrong_type", "must be a whole number or a name"),
    Fault.DEVICE_FRACTION: (
        "wrong_type",
        "is a number with a fraction, and 1.1 and 1.10 would be one device: write ids of this kind as text",
    ),
    Fault.DEVICE_ROUNDED: (
        "rounded_id",
        "looks like an id that a spreadsheet has rounded: format the column as text before you save it",
    ),
    Fault.DEVICE_RANGE: ("out_of_range", "must be between 0 and 2^52 - 1; write other ids as text"),
    Fault.NAME_TOO_LONG: ("too_long", f"must have at most {MAX_NAME_LENGTH} characters"),
    Fault.NOT_TEXT: ("not_allowed", "has characters that are no text; save the file as UTF-8"),
    Fault.NO_TIME: ("wrong_type", f"must be whole Unix seconds, or ISO 8601 such as {EXAMPLE}"),
    Fault.TIME_FRACTION: ("wrong_type", "must be whole Unix seconds, and has a fraction"),
    Fault.TIME_AMBIGUOUS: (
        "ambiguous_time",
        f"may be day first or month first: write {EXAMPLE}, or say --time-format, such as '%d/%m/%Y %H:%M'",
    ),
    Fault.TIME_FORMAT: ("wrong_type", "is not in the format that --time-format says"),
    Fault.MILLISECONDS: ("wrong_unit", "looks like milliseconds: divide by 1,000; it must be Unix seconds"),
    Fault.MICROSECONDS: ("wrong_unit", "looks like microseconds: divide by 1,000,000; it must be Unix seconds"),
    Fault.NANOSECONDS: ("wrong_unit", "looks like nanoseconds: divide by 1,000,000,000; it must be Unix seconds"),
    Fault.DIGITS_OF_DATE: ("wrong_unit", f"looks like YYYYMMDD: write {EXAMPLE}, or Unix seconds"),
    Fault.TOO_OLD: ("timestamp_too_old", "is before"),
    Fault.IN_FUTURE: ("timestamp_in_future", "is too far ahead of the server's clock"),
    Fault.UNKNOWN_VALUE: ("unknown_kind", "must be one of"),
    Fault.WRONG_WIDTH: ("wrong_width", "has more or fewer fields than the header"),
    Fault.BROKEN_QUOTES: ("wrong_quotes", "has a quotation mark without its pair in the same line"),
    Fault.NOT_JSON: ("json_invalid", "the line is not JSON"),
    Fault.REPEATED_FIELD: ("repeated_field", "a field comes more than once"),
    Fault.NOT_AN_OBJECT: ("not_an_object", "must be an object of named fields"),
    Fault.REPEATED_KEY: ("duplicate_in_batch", "is the same as in an earlier row"),
}
"""Code and message of each fault; some messages go on with what the column says."""
