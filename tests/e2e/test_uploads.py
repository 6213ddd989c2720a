"""Uploads in a real process: memory stays flat for every file, and `kill -9` in the middle changes no count."""

import io
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.ingest.forged_parquet import bloated, forged
from support.ingest.uploads import DEVICE, SIGNALS, Columns, columns, encoded
from support.platform.ingest_processes import IngestProcesses, ingest_processes
from support.waiting import is_lock_awaited, until

pytestmark = pytest.mark.early

Note = Callable[[str, str], None]
ROWS = int(os.environ.get("PACEWATCH_TEST_UPLOAD_ROWS", "2000000"))
BOUND_MIB = 512
# Pages that unpack to 549 MiB, a million column chunks, and a footer that only claims a million column chunks.
BOMBS: Sequence[tuple[Callable[[], bytes], tuple[str, str]]] = (
    (partial(forged, 12_000_000, claimed_rows=2_000), ("file_too_large_inside", "body_too_large_inside")),
    (partial(bloated, 1_000_000), ("file_unreadable", "body_unreadable")),
    (partial(bloated, 1_000_000, only_claimed=True), ("file_unreadable", "body_unreadable")),
)
OVER = {"done", "failed", "cancelled"}


@pytest.fixture(scope="module")
async def ingest(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[IngestProcesses]:
    folder, lease = tmp_path_factory.mktemp("ingest"), {"PACEWATCH_INGEST_UPLOAD_LEASE_S": "2"}
    async with ingest_processes(await new_database(), amqp_url, folder, ("ingest",), **lease) as running:
        yield running


async def send(ingest: IngestProcesses, body: bytes, kind: str) -> str:
    url = ingest.platform.url("telemetry/uploads")
    answer = await ingest.platform.client.post(url, content=body, params={"format": kind, "mode": "backfill"})
    return answer.raise_for_status().json()["upload_id"]


async def state(ingest: IngestProcesses, upload: str) -> Any:
    return (await ingest.platform.get(f"telemetry/uploads/{upload}")).raise_for_status().json()


async def ended(ingest: IngestProcesses, upload: str) -> Any:
    async def is_over() -> bool:
        return (await state(ingest, upload))["status"] in OVER

    await until(is_over, timeout_s=240, every_s=0.2)
    return await state(ingest, upload)


def peak_mib(ingest: IngestProcesses) -> int:
    """The peak memory of the process."""
    status = Path(f"/proc/{ingest.processes[0].pid}/status").read_text()
    (found_kib,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(found_kib) // 1024


async def send_batch(ingest: IngestProcesses, body: bytes) -> Any:
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    answer = await ingest.platform.client.post(ingest.platform.url("telemetry/ingest"), content=body, headers=headers)
    assert answer.status_code == 422
    return answer.json()


def large(count: int, first_device: int) -> bytes:
    """`count` good rows as Parquet, as pandas and Arrow write it: row groups of a million rows, pages of one MiB."""
    rows, sink = columns(count), io.BytesIO()
    rows[DEVICE] += first_device
    pq.write_table(pa.table(rows), sink)
    return sink.getvalue()


async def test_memory_is_flat_for_large_files_and_for_files_that_unpack_to_more_than_they_claim(
    ingest: IngestProcesses, note: Note
) -> None:
    peaks = {"at start": peak_mib(ingest)}
    for count, first_device in ((ROWS // 10, 10_000_000), (ROWS, 20_000_000)):
        upload = await ended(ingest, await send(ingest, large(count, first_device), "parquet"))
        assert (upload["status"], upload["accepted"]) == ("done", count)
        peaks[f"after {count} rows"] = peak_mib(ingest)
    for bomb, codes in BOMBS:
        body = bomb()
        upload = await ended(ingest, await send(ingest, body, "parquet"))
        answer = await send_batch(ingest, body)
        assert (upload["status"], upload["error_code"], answer["code"]) == ("failed", *codes)
        peaks[f"after a bomb of {len(body)} bytes"] = peak_mib(ingest)
    note("peak memory of uploads, MiB", ", ".join(f"{peak} {when}" for when, peak in peaks.items()))
    _, small, big, *bombed = peaks.values()
    assert max(bombed) < BOUND_MIB
    assert big - small < 64
    assert max(bombed) - big < 64


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
async def test_an_upload_whose_worker_was_killed_continues_exactly(ingest: IngestProcesses, kind: str) -> None:
    rows, duplicates = a_day(100_000, first_device=1_000_000 * (1 + len(kind)))
    good = rows[SIGNALS[0]] < 1e9
    upload = await send(ingest, encoded(rows, kind), kind)
    for _ in range(2):
        async with stopped_in_a_chunk(ingest, upload):
            await ingest.processes[0].kill()
        await ingest.processes[0].start()
        await ingest.processes[0].ready()
    result = await ended(ingest, upload)
    rejected, accepted = int((~good).sum()), int(good.sum()) - duplicates
    assert (result["status"], result["rows_done"]) == ("done", 100_000)
    assert (result["accepted"], result["duplicates"], result["rejected"]) == (accepted, duplicates, rejected)
    assert result["codes"] == {"duplicate": duplicates, "out_of_range": rejected}
    rejects = (await ingest.platform.get(f"telemetry/uploads/{upload}/rejects")).text.splitlines()
    reject = {"field": SIGNALS[0], "code": "out_of_range"}
    message = 'must be between 20 and 10000 ohm; it is "1000000000.0"'
    expected_rejects = [{"row": row, **reject, "message": message} for row in np.flatnonzero(~good).tolist()]
    assert [json.loads(line) for line in rejects] == expected_rejects
    keys = zip(rows[DEVICE].tolist(), rows["timestamp"].tolist(), strict=True)
    values = zip(*(rows[name].tolist() for name in SIGNALS), strict=True)
    expected = {key: one for key, one, is_good in zip(keys, values, good, strict=True) if is_good}
    first = min(expected)[0]
    stored = {key: one for key, one in (await ingest.stored()).items() if first <= key[0] < first + 1_000_000}
    assert len(expected) == accepted
    assert {key: values for key, (values, _) in stored.items()} == expected


def a_day(count: int, first_device: int) -> tuple[Columns, int]:
    """(rows, number of duplicates). Every 997th row is bad, and a thousand rows are repeated some chunks later."""
    rows = columns(count)
    rows[DEVICE] += first_device
    rows[SIGNALS[0]][::997] = 1e9
    again = slice(count // 2, count // 2 + 1_000)
    for column in rows.values():
        column[again] = column[:1_000]
    return rows, int((rows[SIGNALS[0]][again] < 1e9).sum())


@asynccontextmanager
async def stopped_in_a_chunk(ingest: IngestProcesses, upload: str) -> AsyncIterator[None]:
    """Some chunks are stored, and the next one waits to store its rejects: it cannot commit before the block ends."""
    done = (await state(ingest, upload))["rows_done"]

    async def has_progressed() -> bool:
        return (await state(ingest, upload))["rows_done"] > done

    await until(has_progressed, every_s=0.005)
    connection = await asyncpg.connect(ingest.dsn)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE ingest.upload_rejects IN SHARE MODE")
            await until(lambda: is_lock_awaited(connection, "ingest.upload_rejects"))
            yield
    finally:
        await connection.close()
    assert 0 < await ingest.database.fetchval("SELECT rows_done FROM ingest.uploads WHERE id = $1", upload) < 100_000
