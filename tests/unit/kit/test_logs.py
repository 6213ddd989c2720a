"""A log line carries its ids and never shows a secret."""

import json
from collections.abc import Iterator

import pytest
import structlog

from pacewatch.kit import logs


@pytest.fixture(autouse=True)
def _restored_configuration() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def fail_with_a_secret() -> None:
    hunter2 = "a secret " + "in a local variable"
    raise ZeroDivisionError(len(hunter2))


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_shows_no_local_variable(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(log_format, "INFO")
    try:
        fail_with_a_secret()
    except ZeroDivisionError as error:
        logs.get("test").error("request_failed", exc_info=error)
    printed = capsys.readouterr().out
    assert "ZeroDivisionError" in printed
    assert "a secret in a local variable" not in printed


def test_a_json_line_carries_its_fields_and_ids(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "INFO")
    with logs.caused_by(correlation_id="request-1", causation_id="event-1"):
        logs.get("test").info("row_stored", rows=3)
    logs.get("test").debug("not_logged")
    (line,) = capsys.readouterr().out.splitlines()
    logged = json.loads(line)
    expected = {"event": "row_stored", "rows": 3, "correlation_id": "request-1", "causation_id": "event-1"}
    assert expected.items() <= logged.items()
    assert logs.correlation_id() == ""
