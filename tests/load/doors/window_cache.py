"""The memory of an inference process whose devices change all the time: it grows to its limit and then stays.

`python tests/load/doors/window_cache.py --minutes 20` prints the resident memory minute by minute, then a JSON line.
Each batch has DEVICES devices that never sent before, with one reading each, and as many that sent in the batch before:
many short windows, which cost the most memory for a reading.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from load.loop.bench import say
from pydantic import SecretStr
from servers import postgres
from support.inference.harness import Harness, Row, at_day, noisy

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.inference.module import MIGRATIONS, create_inference
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.kit import logs, migrate
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings

DEVICES = 100
SAMPLES = 20
PAUSE_S = 0.1  # the machine has other things to do
_PAGE_MIB = 4_096 / 2**20


@dataclass(frozen=True)
class Memory:
    """MiB: the limit of the cache, what it counts at the end, and the process's memory in SAMPLES equal parts of time.

    `growth_mib` is from the half of the time to its end. `full_after` is the share of time until the cache was full.
    """

    minutes: float
    readings: int
    limit_mib: float
    counted_mib: float
    resident_mib: list[float]
    growth_mib: float
    full_after: float


async def measure(minutes: float, limit_mib: float = 16) -> Memory:
    """Store and score batches of changing devices for so long, on a database of its own."""
    async with AsyncExitStack() as stack:
        server_url = (await postgres.find(stack)).url
        database_url = await postgres.create_database(server_url, durable=False)
        stack.push_async_callback(postgres.drop_database, server_url, database_url)
        database = Database(database_url, pool_size=2)
        stack.push_async_callback(database.close)
        await migrate.upgrade(database, "inference", MIGRATIONS, profile=PACEMAKER)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        settings = KitSettings(
            database_url=SecretStr(database_url), secrets_dir=Path(folder), artifact_url=f"file://{folder}/artifacts"
        )
        created = create_inference(settings)
        inference = dataclasses.replace(created, cache=WindowCache(int(limit_mib * 2**20)))
        harness = Harness(settings, database, inference)
        await harness.activate(await harness.pack_model())
        stack.enter_context(at_day(100))
        return await _run(harness, minutes, limit_mib)


async def _run(harness: Harness, minutes: float, limit_mib: float) -> Memory:
    cache, began_s = harness.inference.cache, time.monotonic()
    resident: list[float] = []
    number, full_after, most_readings = 0, 1.0, 0
    while (passed := (time.monotonic() - began_s) / (60 * minutes)) < 1:
        devices = range(max(number - 1, 0) * DEVICES, (number + 1) * DEVICES)
        rows: list[Row] = [(device, 40 + number / 1_000, noisy(device)) for device in devices]
        await harness.process(*rows)
        number += 1
        if len(cache) <= most_readings:
            full_after = min(full_after, passed)
        most_readings = max(most_readings, len(cache))
        if passed * SAMPLES >= len(resident):
            resident.append(round(_resident_mib(), 1))
            say(f"{number} batches: {resident[-1]} MiB, of which the cache counts {cache.size_bytes() / 2**20:.1f}")
        await asyncio.sleep(PAUSE_S)
    resident.append(round(_resident_mib(), 1))
    growth_mib = round(max(resident[SAMPLES // 2 :]) - max(resident[: SAMPLES // 2 + 1]), 1)
    counted_mib = round(cache.size_bytes() / 2**20, 1)
    return Memory(minutes, number * DEVICES, limit_mib, counted_mib, resident, growth_mib, round(full_after, 2))


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MIB


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--limit-mib", type=float, default=16)
    options = parser.parse_args()
    logs.configure("console", "WARNING")
    memory = asyncio.run(measure(options.minutes, options.limit_mib))
    print(json.dumps({"bench": "window_cache", **dataclasses.asdict(memory)}))  # noqa: T201
