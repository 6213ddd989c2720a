"""Files to upload, and a worker in this process that stores them."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.module import Resources
from pacewatch.kit.wakeup import Wakeups
from support.ingest import NOW_S, Ingest, reading
from support.waiting import until

DEVICE, SIGNALS = PACEMAKER.device_field, PACEMAKER.signal_names
Columns = dict[str, Any]


def columns(count: int) -> Columns:
    """Valid rows, each key once, in random order."""
    numbers = np.random.default_rng(7).permutation(count)
    valid = reading()
    values: Columns = {DEVICE: numbers // 50, "timestamp": NOW_S - 86_400 * (numbers % 50)}
    return values | {name: valid[name] + 0.001 * (numbers % 100) for name in SIGNALS}


def encoded(rows: Columns, kind: str) -> bytes:
    table, sink = pa.table(rows), io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink, row_group_size=30_001)
        return sink.getvalue()
    listed = table.to_pylist()
    if kind == "ndjson":
        return b"\n".join(json.dumps(row).encode() for row in listed)
    text = io.StringIO()
    writer = csv.DictWriter(text, table.column_names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue().encode()


@asynccontextmanager
async def worker(ingest: Ingest) -> AsyncIterator[asyncio.Future[None]]:
    """Run the loop that stores uploads, until the block ends."""
    wakeups = Wakeups(ingest.database)
    task = asyncio.ensure_future(ingest.work_uploads(Resources(ingest.database, wakeups)))
    listening = asyncio.ensure_future(wakeups.listen())
    try:
        yield task
    finally:
        for one in (task, listening):
            one.cancel()
        await asyncio.gather(task, listening, return_exceptions=True)


async def send(ingest: Ingest, body: bytes, kind: str, mode: str = "backfill") -> Any:
    answer = await ingest.post(body, f"telemetry/uploads?format={kind}&mode={mode}")
    assert answer.status_code == 202, answer.text
    return answer.json()


async def wait_until_ended(ingest: Ingest, upload: Any) -> Any:
    path = f"telemetry/uploads/{upload['upload_id']}"

    async def has_ended() -> bool:
        return (await ingest.get(path))["status"] in {"done", "failed", "cancelled"}

    await until(has_ended)
    return await ingest.get(path)


def by_name(table: pa.Table) -> Columns:
    """The columns of a table."""
    return {name: table.column(name) for name in table.column_names}
