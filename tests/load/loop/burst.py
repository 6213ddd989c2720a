"""As fast as the platform takes it: rows per second from the first POST to the last event published, beside COPY."""

import asyncio
import time
from collections.abc import Sequence

from load.loop.bench import Bench
from load.loop.fleet import DailyFleet, as_lines
from load.loop.sending import sender
from support.fleets import Row
from support.waiting import until

from pacewatch.contracts.profiles.pacemaker import PACEMAKER

PUBLISH_TIMEOUT_S = 180
# COPY's rows are those of other devices: the same rows can be stored once only.
COPY_DEVICES_APART = 10_000_000
_NAMES = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
_COLUMNS = ["device_id", "timestamp_s", *PACEMAKER.signal_names]


async def burst(bench: Bench, fleet: DailyFleet, batches: Sequence[list[Row]], mode: str = "live") -> float:
    """Rows per second until everything is committed and the outbox is empty."""
    lines = await asyncio.to_thread(as_lines, iter(batches))
    async with sender(bench, lines, [0.0] * len(batches), fleet.batches_per_day, mode) as sending:
        began_s = time.time()
        await bench.guard(sending.send(began_s))
        await bench.guard(until(bench.published, timeout_s=PUBLISH_TIMEOUT_S, every_s=0.005))
        return sum(map(len, batches)) / (time.time() - began_s)


async def copy(bench: Bench, batches: Sequence[list[Row]]) -> float:
    """Rows per second of a plain COPY into the same table, in the same batches, each committed; then they are gone."""
    defaults = await _required_defaults(bench)
    records = [
        [(row[_NAMES[0]] + COPY_DEVICES_APART, *(row[name] for name in _NAMES[1:]), *defaults.values()) for row in rows]
        for rows in batches
    ]
    began_s = time.perf_counter()
    for batch in records:
        await bench.connection.copy_records_to_table(
            "readings", schema_name="ingest", records=batch, columns=[*_COLUMNS, *defaults]
        )
    took_s = time.perf_counter() - began_s
    least = min(record[0] for batch in records for record in batch)
    await bench.connection.execute("DELETE FROM ingest.readings WHERE device_id >= $1", least)
    return sum(map(len, batches)) / took_s


async def _required_defaults(bench: Bench) -> dict[str, object]:
    """Values for the table's other mandatory columns, taken from a stored row."""
    query = """
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'ingest' AND table_name = 'readings' AND is_nullable = 'NO' AND column_default IS NULL
    """
    names = {row[0] for row in await bench.connection.fetch(query)} - set(_COLUMNS)
    if not names:
        return {}
    row = await bench.connection.fetchrow(f"SELECT {', '.join(sorted(names))} FROM ingest.readings LIMIT 1")
    return dict(row)
