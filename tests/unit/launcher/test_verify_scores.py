"""A moment can be given as Unix seconds or as ISO 8601."""

from datetime import UTC, datetime

import pytest

from pacewatch.launcher.operations.verify_scores import parse_time


@pytest.mark.parametrize("text", ["1767225600", "1767225600.0", "2026-01-01", "2026-01-01T01:00:00+01:00"])
def test_unix_seconds_and_iso_8601_are_parsed(text: str) -> None:
    assert parse_time(text) == datetime(2026, 1, 1, tzinfo=UTC)


def test_other_text_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        parse_time("yesterday")
