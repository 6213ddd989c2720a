"""Files that are not worth reading to their end: invalid nearly everywhere, or too costly for the parser."""

import asyncio
import io
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.ingest import NOW_S, Ingest, reading
from support.ingest.uploads import columns, encoded, send, wait_until_ended, worker
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.parser.client import Parser
from pacewatch.ingest.parser.process import KillableProcess, Killed
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.uploads.chunks import ReaderEnded
from pacewatch.ingest.uploads.worker import work_uploads
from pacewatch.kit.module import Resources
from pacewatch.kit.wakeup import Wakeups

KEPT = 10_000
MANY = 2_000_000


def parquet(columns_: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns_), sink)
    return sink.getvalue()


async def test_of_twelve_million_errors_the_first_are_kept_and_the_file_ends_early(ingest: Ingest) -> None:
    kinds = [pa.int64(), pa.int64(), *[pa.float64()] * (len(reading()) - 2)]
    body = parquet({name: pa.nulls(MANY, kind) for name, kind in zip(reading(), kinds, strict=True)})
    assert len(body) < 60_000
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, body, "parquet"))
    assert (upload["status"], upload["error_code"]) == ("failed", "file_hopeless")
    assert upload["rejected"] == upload["rows_done"] < MANY // 10
    assert sum(upload["codes"].values()) == upload["rejected"] * len(reading())
    assert (await ingest.sql("SELECT count(*) AS count FROM ingest.upload_rejects"))[0].count == KEPT


async def test_rejects_beyond_the_kept_ones_are_counted_over_all_chunks(ingest: Ingest) -> None:
    rows = columns(60_000)
    for name in PACEMAKER.signal_names:
        rows[name][::2] = 1e9
    async with worker(ingest):
        upload = await wait_until_ended(ingest, await send(ingest, encoded(rows, "parquet"), "parquet"))
    signals = len(PACEMAKER.signal_names)
    assert (upload["status"], upload["accepted"], upload["rejected"]) == ("done", 30_000, 30_000)
    assert upload["codes"] == {"out_of_range": 30_000 * signals}
    kept = await ingest.sql("SELECT row FROM ingest.upload_rejects ORDER BY place")
    assert [one.row for one in kept] == [2 * (place // signals) for place in range(KEPT)]


async def test_a_file_of_one_row_repeated_ends_early_and_an_uploaded_file_may_be_sent_again(ingest: Ingest) -> None:
    async with worker(ingest):
        body = parquet({name: pa.repeat(value, MANY) for name, value in reading(timestamp_s=NOW_S - 9).items()})
        repeated = await wait_until_ended(ingest, await send(ingest, body, "parquet"))
        assert (repeated["error_code"], repeated["accepted"]) == ("file_hopeless", 1)
        again = encoded(columns(30_000), "parquet")
        for accepted in (30_000, 0):
            upload = await wait_until_ended(ingest, await send(ingest, again, "parquet"))
            assert (upload["status"], upload["accepted"], upload["duplicates"]) == ("done", accepted, 30_000 - accepted)


@asynccontextmanager
async def parsing_worker(ingest: Ingest, quotas: Quotas | None = None) -> AsyncIterator[Parser]:
    """Run the loop that stores uploads with a parser, and start it again when it fails."""
    settings = IngestSettings(spool_dir=ingest.spool)
    parser = Parser(PACEMAKER, settings)
    resources = Resources(ingest.database, Wakeups(ingest.database))
    work = work_uploads(PACEMAKER, settings, quotas or Quotas(settings), parser.open_file)

    async def forever() -> None:
        while True:
            with suppress(ReaderEnded):
                await work(resources)

    task = asyncio.create_task(forever())
    try:
        yield parser
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        parser.close()


async def test_a_file_that_costs_too_much_fails_at_once_and_the_next_is_stored(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with parsing_worker(ingest) as parser:
        monkeypatch.setattr(parser, "_cpu_s", 0.01)  # less than the file needs, and more than a small one does
        costly = await wait_until_ended(ingest, await send(ingest, encoded(columns(60_000), "csv"), "csv"))
        monkeypatch.undo()
        cheap = await wait_until_ended(ingest, await send(ingest, encoded(columns(10), "csv"), "csv"))
    assert (costly["status"], costly["error_code"]) == ("failed", "file_too_costly")
    assert (cheap["status"], cheap["accepted"]) == ("done", 10)
    attempts = await ingest.sql("SELECT attempts FROM ingest.uploads WHERE id = :id", id=costly["upload_id"])
    assert attempts[0].attempts <= 1


async def test_a_file_whose_parser_others_kill_is_tried_again_but_not_for_ever(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = 2
    async with parsing_worker(ingest):
        ask = KillableProcess.ask

        async def killed_before(process: KillableProcess, request: bytes, cpu_s: float, wall_s: float) -> Any:
            nonlocal kills
            if kills and pickle.loads(request)[0] == "next":
                kills -= 1
                raise Killed("as if from outside")
            return await ask(process, request, cpu_s, wall_s)

        monkeypatch.setattr(KillableProcess, "ask", killed_before)
        innocent = await wait_until_ended(ingest, await send(ingest, encoded(columns(10), "csv"), "csv"))
        kills = 3
        hopeless = await wait_until_ended(ingest, await send(ingest, encoded(columns(10), "csv"), "csv"))
    assert (innocent["status"], innocent["accepted"]) == ("done", 10)
    assert (hopeless["status"], hopeless["error_code"], kills) == ("failed", "upload_hopeless", 0)


async def test_what_is_left_of_a_file_waits_until_its_sender_may_send_again(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ingest.sql("DELETE FROM ingest.sender_days")
    quotas = Quotas(IngestSettings(quota_rows_per_day=20_000))
    async with parsing_worker(ingest, quotas):
        upload = await send(ingest, encoded(columns(30_000), "csv"), "csv")

        async def waits() -> bool:
            record = await ingest.get(f"telemetry/uploads/{upload['upload_id']}")
            return bool(record["rows_done"] == 20_000 and record["status"] == "queued")

        await until(waits)
        assert quotas.waiting() == [upload["actor"]]
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        monkeypatch.setattr("pacewatch.ingest.senders.quotas._today", lambda: tomorrow)
        ended = await wait_until_ended(ingest, upload)
    assert (ended["status"], ended["accepted"]) == ("done", 30_000)


async def test_a_line_that_is_too_long_is_refused_at_every_place(ingest: Ingest) -> None:
    async with worker(ingest):
        for body in (b"1" * 2**21, b"{}\n" + b"1" * 70_000 + b"\n{}\n", b"1" * 70_000):
            upload = await wait_until_ended(ingest, await send(ingest, body, "ndjson"))
            assert (upload["status"], upload["error_code"]) == ("failed", "line_too_long")
