"""Daily sums of the audit equal the audit, also while batches are being written."""

import asyncio
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from support.ingest import NOW_S, Ingest, reading, stand_at

from pacewatch.ingest import day_sums

_SLOW = sa.text("""
    INSERT INTO ingest.batches (id, mode, received_at, actor, address, correlation_id, received, accepted)
    VALUES (:id, 'live', now(), 'slow', '', '', 5, 5)
""")


async def test_totals_stay_the_same_when_batches_are_summed(ingest: Ingest) -> None:
    for day in range(3):
        stand_at(day)
        await ingest.post([reading(device, NOW_S + day) for device in range(day + 1)])
        await ingest.post([reading(9, NOW_S - 40 * 86_400 + day), {}], "telemetry/ingest?mode=backfill")
        before = await totals(ingest)
        await sum_batches(ingest)
        assert await totals(ingest) == before
    assert (before[0]["batches"], before[0]["rows"], before[0]["rows_today"]) == (6, 9, 4)
    assert await summed(ingest) == [(2, 2), (2, 3), (2, 4)]


async def test_summing_waits_for_a_batch_that_began_earlier_and_commits_later(ingest: Ingest) -> None:
    async with ingest.database.transaction("ingest") as slow:
        await slow.execute(_SLOW, {"id": uuid4()})
        await ingest.accepted([reading(1)])
        adding = asyncio.create_task(sum_batches(ingest))
        done, _ = await asyncio.wait([adding], timeout=0.5)
        assert not done
        # It does not wait for a batch that begins after it started.
        async with ingest.database.transaction("ingest") as later:
            await later.execute(_SLOW, {"id": uuid4()})
            await slow.commit()
            await adding
    assert [batches for batches, _ in await summed(ingest)] in ([2], [1, 1])
    assert (await totals(ingest))[0]["rows"] == 11


async def sum_batches(ingest: Ingest) -> None:
    async with ingest.database.transaction("ingest") as session:
        await day_sums.add_new_batches(session)


async def totals(ingest: Ingest) -> Any:
    return [await ingest.get("telemetry/summary"), await ingest.get("labels/summary")]


async def summed(ingest: Ingest) -> list[Any]:
    """The daily sums of batches and accepted rows."""
    return [tuple(row) for row in await ingest.sql("SELECT batches, accepted FROM ingest.day_sums ORDER BY day")]
