"""Bodies: what is JSON and an array of the right length, and fields that come twice."""

import json

import pytest

from pacewatch.ingest.errors import JsonInvalid, NotAnArray, TooFewRows, TooManyRows
from pacewatch.ingest.parsing import REPEATED_FIELD, json_array
from pacewatch.ingest.replies import shown


def test_an_array_is_given_as_it_is() -> None:
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
def test_anything_else_is_refused_by_name(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        json_array(body, 2)


def test_a_row_with_a_field_twice_is_marked_and_no_other() -> None:
    assert json_array(b'[{"a": 1}, {"a": 1, "a": 2}, {"a": "x"}]', 9) == [{"a": 1}, REPEATED_FIELD, {"a": "x"}]
    # The same name spelt in another way is the same name.
    assert json_array(b'[{"a": 1, "\\u0061": 2}]', 9) == [REPEATED_FIELD]


def test_a_number_beyond_64_bits_is_no_whole_number() -> None:
    assert json_array(b"[18446744073709551616]", 1) == [float(2**64)]


def test_invented_names_are_shown_short_and_harmless() -> None:
    assert shown("a\0b\x1b" + "x" * 99) == "a?b?" + "x" * 36
