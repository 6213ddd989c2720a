"""An event of a batch that is built again has the id and every bit of the first one."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from support.bulk_readings import make_bulk_readings
from support.ingest import NOW_S, Ingest, reading
from support.ingest.uploads import by_name

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest import lost_events
from pacewatch.ingest.telemetry import service
from pacewatch.ingest.telemetry.batches import BatchRequest
from pacewatch.ingest.telemetry.checking import check_table
from pacewatch.ingest.telemetry.rules import rules_of

pytestmark = pytest.mark.servers

SINCE = datetime.fromtimestamp(NOW_S - 3_600, UTC)
SOURCE = lost_events.source(PACEMAKER)


async def emitted(ingest: Ingest) -> dict[Any, bytes]:
    return {row[0]: bytes(row[1]) for row in await ingest.sql("SELECT id, data FROM ingest.outbox")}


async def rebuilt(ingest: Ingest, limit: int = 1_000) -> dict[Any, bytes]:
    events: dict[Any, bytes] = {}
    after = 0
    async with ingest.database.transaction("ingest") as session:
        while sent := await SOURCE.list_sent(session, SINCE, after, limit):
            built = await SOURCE.rebuild(session, sent)
            assert list(built) == [one.event_id for one in sent]
            events |= {event_id: event.model_dump_json().encode() for event_id, event in built.items()}
            after = sent[-1].position
    return events


async def store_chunk(ingest: Ingest, rows: int, seed: int) -> None:
    """A chunk of an upload."""
    chunk = make_bulk_readings(rows, 40, seed, NOW_S)
    request = BatchRequest(b"", Mode.LIVE, "tester", "", None)
    checked = check_table(by_name(chunk.table()), rows, rules_of(PACEMAKER), NOW_S)
    async with ingest.database.transaction("ingest") as session:
        await service.store_batch(session, PACEMAKER, request, checked)


async def test_every_event_is_built_again_with_its_id_and_all_its_bits(ingest: Ingest) -> None:
    chance = random.Random(5)
    rows = [reading(device, NOW_S - hour * 3_600) for device in range(20) for hour in range(30)]
    chance.shuffle(rows)
    for start in range(0, len(rows), 77):
        assert (await ingest.post([*rows[start : start + 77], *rows[:3]])).status_code == 200
    await store_chunk(ingest, 4_500, seed=1)
    await store_chunk(ingest, 6_000, seed=2)
    first = await emitted(ingest)
    assert len(first) == 8 + 3 + 3
    assert await rebuilt(ingest) == first
    assert await rebuilt(ingest, limit=3) == first


async def test_concurrent_batches_keep_their_own_rows(ingest: Ingest) -> None:
    rows = [reading(device, NOW_S) for device in range(600)]
    parts = [rows[start : start + 100] + rows[:20] for start in range(0, 600, 100)]
    await asyncio.gather(*(ingest.post(part) for part in parts))
    assert await rebuilt(ingest) == await emitted(ingest)


async def test_batches_of_an_earlier_release_and_older_ones_are_left_out(ingest: Ingest) -> None:
    await ingest.post([reading(1, NOW_S)])
    await ingest.post([reading(2, NOW_S)])
    await ingest.post([reading(3, NOW_S)])
    await ingest.sql("UPDATE ingest.batches SET events = NULL WHERE number = (SELECT min(number) FROM ingest.batches)")
    newest = "(SELECT max(number) FROM ingest.batches)"
    await ingest.sql(f"UPDATE ingest.batches SET received_at = to_timestamp(0) WHERE number = {newest}")
    (event,) = (await rebuilt(ingest)).values()
    assert b'"device_ids":[2]' in event


async def test_a_chunk_that_retention_has_reduced_is_left_out(ingest: Ingest) -> None:
    await store_chunk(ingest, 4_500, seed=1)
    await ingest.sql("DELETE FROM ingest.readings WHERE device_id = (SELECT min(device_id) FROM ingest.readings)")
    async with ingest.database.transaction("ingest") as session:
        assert await SOURCE.rebuild(session, await SOURCE.list_sent(session, SINCE, 0, 10)) == {}
