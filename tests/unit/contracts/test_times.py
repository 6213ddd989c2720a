"""Times of requests and answers: ISO 8601 or Unix seconds in, ISO 8601 out, nothing guessed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pacewatch.contracts.http.times import LAST_S, OptionalTime, QueryTime, SentTime, StoredTime, iso

AT_S = 1_767_247_200
QUERY, BODY, ANSWER = (TypeAdapter[Any](kind) for kind in (QueryTime, SentTime, StoredTime))
SAME = [
    "2026-01-01T06:00:00Z",
    "2026-01-01T06:00Z",
    "2026-01-01T06:00:00.000Z",
    "2026-01-01T07:00:00+01:00",
    "2026-01-01T07:00:00 01:00",
    "20260101T060000Z",
]


@pytest.mark.parametrize("text", [*SAME[:5], str(AT_S)])
def test_a_query_takes_iso_8601_and_unix_seconds(text: str) -> None:
    assert QUERY.validate_python(text) == AT_S


@pytest.mark.parametrize("value", [*SAME[:4], AT_S])
def test_a_body_takes_iso_8601_and_unix_seconds(value: str | int) -> None:
    assert BODY.validate_python(value, strict=True) == AT_S


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T06:00:00",
        "2026-01-01",
        "2026-01-01T06:00:00.5Z",
        "01/02/2026 06:00Z",
        "1767247200.5",
        "1e9",
        "-1",
        "",
        "now",
        "9" * 17,
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:00",
    ],
)
def test_a_time_without_zone_or_with_parts_of_a_second_is_refused(text: str) -> None:
    for adapter in (QUERY, BODY):
        with pytest.raises(ValidationError):
            adapter.validate_python(text, strict=True)


@pytest.mark.parametrize("value", [True, 1.0, "1767247200", None])
def test_a_body_takes_no_other_type(value: object) -> None:
    with pytest.raises(ValidationError):
        BODY.validate_python(value, strict=True)


def test_a_body_takes_nothing_that_an_answer_could_not_say() -> None:
    last = "9999-12-31T23:59:59Z"
    assert iso(BODY.validate_python(last)) == last
    with pytest.raises(ValidationError):
        BODY.validate_python(LAST_S + 1)
    assert TypeAdapter(OptionalTime).validate_python(LAST_S + 1) is None
    assert TypeAdapter(OptionalTime).validate_python(None) is None


def test_an_answer_has_iso_8601_in_utc() -> None:
    assert ANSWER.dump_json(ANSWER.validate_python(AT_S)) == b'"2026-01-01T06:00:00Z"'
    assert ANSWER.validate_python(AT_S) == datetime(2026, 1, 1, 6, tzinfo=UTC)
    assert iso(AT_S) == "2026-01-01T06:00:00Z"
