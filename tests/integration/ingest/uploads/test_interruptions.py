"""An upload survives a clock that jumps and a schema that is not yet as its worker needs it."""

import asyncio
import os
from collections.abc import AsyncIterator

from support.ingest import Ingest
from support.ingest.uploads import columns, encoded, send, wait_until_ended, worker

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.ingest.uploads import repository


async def test_a_lease_from_before_the_clock_was_set_back_has_expired(ingest: Ingest) -> None:
    upload = await send(ingest, encoded(columns(10), "csv"), "csv")
    await ingest.sql(
        "UPDATE ingest.uploads SET status = 'running', lease_owner = gen_random_uuid(), "
        "lease_until = clock_timestamp() + interval '1 day'"
    )
    async with worker(ingest):
        assert (await wait_until_ended(ingest, upload))["accepted"] == 10


async def test_a_file_is_received_and_stored_although_the_clock_jumps_by_a_day_meanwhile(ingest: Ingest) -> None:
    body = encoded(columns(40_000), "csv")

    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(body), len(body) // 4):
            yield body[start : start + len(body) // 4]
            await asyncio.sleep(0.1)
            for path in ingest.spool.iterdir():  # as the file of yesterday that it is after the jump
                os.utime(path, (path.stat().st_atime - 2 * SECONDS_PER_DAY, path.stat().st_mtime - 2 * SECONDS_PER_DAY))
            await ingest.sql(f"NOTIFY {repository.CHANNEL}")
            await asyncio.sleep(0.2)  # the worker looks at the folder

    async with worker(ingest):
        path = "/api/v1/telemetry/uploads?format=csv&mode=backfill"
        answer = await ingest.client.post(path, content=slowly(), headers=ingest.bearer())
        assert answer.status_code == 202, answer.text
        assert (await wait_until_ended(ingest, answer.json()))["accepted"] == 40_000


async def test_attempts_that_fail_because_of_the_schema_are_not_counted(ingest: Ingest) -> None:
    """Ten attempts without a stored chunk end an upload; a migration under way must not."""
    upload = await send(ingest, encoded(columns(10), "csv"), "csv")
    await ingest.sql("ALTER TABLE ingest.batches RENAME COLUMN codes TO renamed")
    try:
        for _ in range(12):
            async with worker(ingest) as task:
                await asyncio.wait([task], timeout=30)
                assert "UndefinedColumn" in repr(task.exception())
    finally:
        await ingest.sql("ALTER TABLE ingest.batches RENAME COLUMN renamed TO codes")
    async with worker(ingest):
        assert (await wait_until_ended(ingest, upload))["accepted"] == 10
