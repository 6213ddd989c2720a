"""JSON bodies: an array of the right length, and rows with repeated fields."""

import json

import pytest

from pacewatch.ingest.errors import JsonInvalid, NotAnArray, TooFewRows, TooManyRows
from pacewatch.ingest.parsing import json_array
from pacewatch.kit.tables.hints import printable
from pacewatch.kit.tables.json_rows import REPEATED_FIELD


def test_an_array_is_returned_unchanged() -> None:
    rows = [{"a": 1, "b": 2.5}, {"a": 'text with " and \\'}, 7, None, {"a": {"b": [1, {"c": ""}]}}]
    assert json_array(json.dumps(rows).encode(), 5) == rows


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"[1, 2,]", JsonInvalid),
        (b"[Infinity]", JsonInvalid),
        (b"\xef\xbb\xbf[]", JsonInvalid),
        (b'"[1]"', NotAnArray),
        (b"null", NotAnArray),
        (b"[]", TooFewRows),
        (b"[1,2,3]", TooManyRows),
    ],
)
def test_any_other_body_is_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        json_array(body, 2)


def test_only_rows_with_a_repeated_field_are_marked() -> None:
    assert json_array(b'[{"a": 1}, {"a": 1, "a": 2}, {"a": "x"}]', 9) == [{"a": 1}, REPEATED_FIELD, {"a": "x"}]
    # The same name, written with an escape.
    assert json_array(b'[{"a": 1, "\\u0061": 2}]', 9) == [REPEATED_FIELD]


def test_an_integer_beyond_64_bits_becomes_a_float() -> None:
    assert json_array(b"[18446744073709551616]", 1) == [float(2**64)]


def test_long_and_unprintable_field_names_become_printable() -> None:
    assert printable("a\0b\x1b" + "x" * 99) == "a?b?" + "x" * 36
