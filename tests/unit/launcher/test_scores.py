"""A moment may be told as people or as machines tell it."""

from datetime import UTC, datetime

import pytest

from pacewatch.launcher.operations.verify_scores import moment


@pytest.mark.parametrize("text", ["1767225600", "1767225600.0", "2026-01-01", "2026-01-01T01:00:00+01:00"])
def test_unix_seconds_and_iso_are_understood(text: str) -> None:
    assert moment(text) == datetime(2026, 1, 1, tzinfo=UTC)


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        moment("yesterday")
