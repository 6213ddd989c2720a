"""A dry run says what an upload would store, as `pacewatch check` does; and a file without a valid row ends at once."""

from pathlib import Path

import pytest
from support.ingest import NOW_S, Ingest
from support.ingest.uploads import columns, encoded, send, wait_until_ended, worker

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.uploads.check_file import check_file

FILES = Path(__file__).parents[3] / "files" / "tables"


@pytest.mark.parametrize("case", ["gaps", "blank_lines", "fractions", "rounded_ids", "leading_zeros", "european"])
async def test_a_dry_run_stores_nothing_and_says_what_a_check_says(ingest: Ingest, case: str) -> None:
    path = FILES / case / "readings.csv"
    answer = await ingest.post(path.read_bytes(), "telemetry/uploads?format=csv&mode=backfill&dry_run=true")
    async with worker(ingest):
        upload = await wait_until_ended(ingest, answer.json())
    found = check_file(path, PACEMAKER, NOW_S)
    names = ("rows_done", "accepted", "duplicates", "rejected", "blank_rows")
    assert {name: upload[name] for name in names} == {name: getattr(found, name) for name in names}
    said = [(one["column"], one["count"], one["line"], one["value"], one["message"]) for one in upload["findings"]]
    assert said == [(one.column, one.count, one.line, one.value, one.message) for one in found.findings]
    assert (upload["error"] or "") == found.error
    assert upload["dry_run"]
    assert (await ingest.get("telemetry/batches"))["total"] == 0
    assert await ingest.sql("SELECT FROM ingest.readings") == []
    assert await ingest.sql("SELECT FROM ingest.device_names") == []


async def test_a_file_whose_rows_are_all_invalid_ends_with_the_reason_after_its_first_chunk(ingest: Ingest) -> None:
    rows = columns(60_000)
    rows["timestamp"] = rows["timestamp"] * 1_000
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, encoded(rows, "csv"), "csv"))
    assert (upload["status"], upload["error_code"], upload["rows_done"]) == ("failed", "file_hopeless", 20_000)
    assert (
        "none of the first 20,000 rows can be stored: timestamp: 20,000 rows: looks like milliseconds"
        in upload["error"]
    )


async def test_a_file_is_read_as_its_sender_says_it_is_written(ingest: Ingest) -> None:
    body = (FILES / "european" / "readings.csv").read_bytes()
    answer = await ingest.post(body, "telemetry/uploads?format=csv&mode=backfill&delimiter=%3B&decimal=%2C")
    async with worker(ingest):
        upload = await wait_until_ended(ingest, answer.json())
    assert (upload["status"], upload["accepted"], upload["rejected"]) == ("done", 3, 0)


@pytest.mark.parametrize(
    "query", ["delimiter=x", "delimiter=%2C&decimal=%2C", "time_format=%25H%25H", "time_format=x%25"]
)
async def test_options_that_fit_no_file_are_refused(ingest: Ingest, query: str) -> None:
    refused = await ingest.post(b"x", f"telemetry/uploads?format=csv&{query}")
    assert refused.status_code == 422, refused.text
    assert not list(ingest.spool.iterdir())
