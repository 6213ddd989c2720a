"""How fast one telemetry batch travels the loop: `make bench-loop`.

Every service runs as its own process over RabbitMQ and PostgreSQL, with a model trained on a simulated past. From one
run on one machine: rows per second from the first POST until everything is committed and published, beside a plain
COPY of the same rows into the same table; and the time from POST to mail received, a dangerous device hidden in every
batch of 1,000. The last line is JSON.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[1]))

from contextlib import AsyncExitStack

from servers import postgres, rabbitmq
from servers.mail import MailServer
from support.fleets import Row, dying, give_history, healthy, new_device
from support.processes import SERVICES, Platform, create_platform, environment, migrate
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues

BATCH_ROWS = 1_000
CLIENTS = 4


@dataclass
class Bench:
    """What every measurement needs."""

    platform: Platform
    mail: MailServer
    connection: asyncpg.Connection


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    """The platform as processes, fed and trained."""
    async with AsyncExitStack() as stack:
        server_url = (await postgres.find(stack)).url
        amqp_url = (await rabbitmq.find(stack)).url
        database_url = await postgres.create_database(server_url)
        stack.push_async_callback(postgres.drop_database, server_url, database_url)
        prefix = f"b{secrets.token_hex(4)}."
        stack.push_async_callback(RabbitBus(amqp_url, queues(), prefix=prefix).delete_topology)
        mail = MailServer()
        await mail.start()
        stack.push_async_callback(mail.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pacewatch-bench-")))
        settings = environment(folder, database_url, mail.port, amqp_url=amqp_url, prefix=prefix)
        await migrate(settings, folder)
        platform = create_platform(settings, folder, SERVICES)
        stack.push_async_callback(platform.stop)
        await platform.start()
        connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
        stack.push_async_callback(connection.close)
        say("training a model on a simulated past")
        await give_history(platform)
        (await platform.post("labels/mature")).raise_for_status()
        await train(platform)
        yield Bench(platform, mail, connection)


async def train(platform: Platform) -> None:
    (await platform.post("training-runs", {"reason": "bench"})).raise_for_status()

    async def promoted() -> bool:
        return (await platform.get("models/active")).is_success

    await until(promoted, timeout_s=180, every_s=0.5)


def batches(count: int, first_device: int, timestamp_s: int) -> list[list[Row]]:
    """`count` batches, every device once."""
    return [
        [healthy(first_device + number * BATCH_ROWS + row, timestamp_s) for row in range(BATCH_ROWS)]
        for number in range(count)
    ]


async def throughput(bench: Bench, count: int) -> float:
    """Rows per second, from the first POST until the last row is committed and the outbox is empty."""
    work = iter(batches(count, 10_000_000, int(time.time())))
    began_s = time.perf_counter()

    async def client() -> None:
        for batch in work:
            report = (await bench.platform.post("telemetry/ingest", batch)).raise_for_status().json()
            assert report["accepted"] == BATCH_ROWS, report

    await asyncio.gather(*(client() for _ in range(CLIENTS)))

    async def published() -> bool:
        return await bench.connection.fetchval("SELECT count(*) FROM ingest.outbox") == 0

    await until(published, every_s=0.005)
    return count * BATCH_ROWS / (time.perf_counter() - began_s)


async def copy_rate(bench: Bench, count: int) -> float:
    """Rows per second of a plain COPY of as many rows into the same table, in the same batches, committed each."""
    columns = ["device_id", "timestamp_s", *PACEMAKER.signal_names]
    names = (PACEMAKER.device_field, "timestamp", *PACEMAKER.signal_names)
    work = [
        [tuple(row[name] for name in names) for row in batch] for batch in batches(count, 20_000_000, int(time.time()))
    ]
    defaults = await required_defaults(bench)
    columns, work = columns + list(defaults), [[(*row, *defaults.values()) for row in batch] for batch in work]
    began_s = time.perf_counter()
    for batch in work:
        await bench.connection.copy_records_to_table("readings", schema_name="ingest", records=batch, columns=columns)
    return count * BATCH_ROWS / (time.perf_counter() - began_s)


async def required_defaults(bench: Bench) -> dict[str, object]:
    """Values for the table's other mandatory columns, taken from a stored row."""
    query = """
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'ingest' AND table_name = 'readings' AND is_nullable = 'NO' AND column_default IS NULL
    """
    names = {row[0] for row in await bench.connection.fetch(query)}
    names -= {"device_id", "timestamp_s", *PACEMAKER.signal_names}
    if not names:
        return {}
    row = await bench.connection.fetchrow(f"SELECT {', '.join(sorted(names))} FROM ingest.readings LIMIT 1")
    return dict(row)


async def latencies_s(bench: Bench, count: int) -> list[float]:
    """From POST to mail received, one batch of 1,000 at a time, with one dying device in it."""
    known = [new_device() for _ in range(count)]
    now_s = int(time.time())
    past = [healthy(device, now_s - day * SECONDS_PER_DAY) for device in known for day in range(10, 0, -1)]
    (await bench.platform.post("telemetry/ingest", past[:2_000], mode="backfill")).raise_for_status()
    measured = []
    for device, batch in zip(known, batches(count, 30_000_000, now_s), strict=True):
        batch[500] = dying(device, int(time.time()))
        began_s = time.perf_counter()
        (await bench.platform.post("telemetry/ingest", batch)).raise_for_status()
        await until(lambda device=device: received(bench, device), every_s=0.002)  # type: ignore[misc]
        measured.append(time.perf_counter() - began_s)
        # One batch at a time: what is still being scored of this one must not delay the next.
        await asyncio.sleep(0.2)
    return measured


async def received(bench: Bench, device: int) -> bool:
    return any(f" {device}:".encode() in mail.content for mail in reversed(bench.mail.messages[-20:]))


async def main(count: int, probes: int) -> None:
    async with running() as bench:
        say(f"measuring {count} batches of {BATCH_ROWS} rows, {CLIENTS} clients, one ingest process")
        await throughput(bench, 4)
        copied = statistics.median([await copy_rate(bench, count) for _ in range(1)])
        rows_per_s = await throughput_after_quiet(bench, count)
        say(f"POST to published {rows_per_s:,.0f} rows/s; plain COPY {copied:,.0f} rows/s")
        await quiet(bench)
        measured_ms = sorted(1_000 * value for value in await latencies_s(bench, probes))
        say(f"POST to mail, {probes} batches: worst {measured_ms[-1]:.0f} ms")
    result = {
        "bench": "loop",
        "rows_per_s": round(rows_per_s),
        "copy_ratio": round(rows_per_s / copied, 3),
        "p50_ms": round(statistics.median(measured_ms)),
        "p99_ms": round(measured_ms[min(len(measured_ms) - 1, int(0.99 * len(measured_ms)))]),
    }
    sys.stdout.write(json.dumps(result) + "\n")


async def throughput_after_quiet(bench: Bench, count: int) -> float:
    await quiet(bench)
    return await throughput(bench, count)


async def quiet(bench: Bench) -> None:
    """Wait until everything accepted is scored."""
    last = -1
    while (scored := await bench.connection.fetchval("SELECT count(*) FROM inference.predictions")) != last:
        last = scored
        await asyncio.sleep(1)


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--probes", type=int, default=100)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.batches, arguments.probes))
