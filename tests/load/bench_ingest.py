"""How fast ingest takes readings in, beside PostgreSQL alone: `make bench-ingest`, `make bench-ingest ROWS=200000`.

One real ingest process with one worker, PostgreSQL and RabbitMQ; every rate is rows per second until the last row is
committed and its event confirmed by the broker (the outbox is empty). The baseline is a plain COPY: all the same
rows, in the same order, as CSV made beforehand, in one COPY and one commit into the same table `ingest.readings`, with
its indexes and partitions and in the same state. It checks nothing, answers nobody and tells nobody. For information
also a COPY committed every 1,000 rows. The machine is noisy, so each measurement stands between two of the baseline
and every figure is a median. The last line is JSON:

- json_ratio: 4 clients, each a process, JSON batches of 1,000 rows, 1,000 devices, on top of the rows of the file
- parquet_ratio, parquet_peak_mib: a Parquet file of ROWS rows uploaded into an empty table; most memory of the process
- scale_cost: seconds per JSON row with 10,000 devices, over that with 1,000
"""

import argparse
import asyncio
import contextlib
import json
import re
import statistics
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from load.deployment import deploy
from support.bulk_readings import STORED_COLUMNS, BulkReadings, make_bulk_readings
from support.platform.processes import Platform, create_platform
from support.waiting import until

BATCH_ROWS = 1_000
CLIENTS = 4
FILE_DEVICES = 2_750
FEW_DEVICES, MANY_DEVICES = 1_000, 10_000
JSON_ROUNDS, FILE_ROUNDS = 3, 2

COPY_FILE, FILE = "COPY of the file's rows", "Parquet upload"
COPY, COPY_BY_BATCH = "COPY", "COPY committed by batch"
JSON_FEW, JSON_MANY = f"JSON, {FEW_DEVICES:,} devices", f"JSON, {MANY_DEVICES:,} devices"


@dataclass
class Bench:
    """What every measurement needs; `rates` are rows per second by what was measured."""

    platform: Platform
    connection: asyncpg.Connection
    folder: Path
    rates: dict[str, list[float]] = field(default_factory=dict)
    fleets: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def fleet(self, rows: int, devices: int) -> BulkReadings:
        """Rows of new devices."""
        return make_bulk_readings(rows, devices, 1_000_000 * next(self.fleets), int(time.time()))

    def note(self, what: str, rows: int, took_s: float) -> None:
        self.rates.setdefault(what, []).append(rows / took_s)
        say(f"  {what}: {rows / took_s:,.0f} rows/s")

    def median(self, what: str) -> float:
        return statistics.median(self.rates[what])

    async def calm(self) -> None:
        """What was written before is not paid for by what is measured next."""
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
            await self.connection.execute("CHECKPOINT")

    async def published(self) -> bool:
        return await self.connection.fetchval("SELECT count(*) FROM ingest.outbox") == 0


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    """The ingest service as a process, with a database and a topology of its own."""
    async with AsyncExitStack() as stack:
        own = await deploy(stack)
        platform = create_platform(own.settings, own.folder, ["ingest"])
        stack.push_async_callback(platform.stop)
        await platform.start()
        connection = await asyncpg.connect(own.dsn)
        stack.push_async_callback(connection.close)
        yield Bench(platform, connection, own.folder)


async def copied(bench: Bench, name: str, rows: BulkReadings) -> None:
    """The baseline: everything in one COPY."""
    text = rows.csv()
    await bench.calm()
    began_s = time.perf_counter()
    await copy(bench, text)
    bench.note(name, len(rows), time.perf_counter() - began_s)


async def copied_by_batch(bench: Bench, rows: BulkReadings) -> None:
    """For information: a COPY and a commit for every 1,000 rows."""
    texts = [rows.part(start, BATCH_ROWS).csv() for start in range(0, len(rows), BATCH_ROWS)]
    await bench.calm()
    began_s = time.perf_counter()
    for text in texts:
        await copy(bench, text)
    bench.note(COPY_BY_BATCH, len(rows), time.perf_counter() - began_s)


async def copy(bench: Bench, text: Any) -> None:
    await bench.connection.copy_to_table(
        "readings", schema_name="ingest", columns=STORED_COLUMNS, source=text, format="csv", timeout=120
    )


async def sent(bench: Bench, name: str, rows: BulkReadings) -> None:
    """JSON batches from CLIENTS processes, from the first request until the outbox is empty."""
    path = bench.folder / "bodies.json"
    path.write_bytes(b"\n".join(rows.bodies(BATCH_ROWS)))
    async with clients(bench, path) as processes:
        await bench.calm()
        began_s = time.perf_counter()
        for process in processes:
            process.stdin.write(b"go\n")  # type: ignore[union-attr]
        for process in processes:
            assert await heard(process) == "done", "a client failed"
        await until(bench.published, every_s=0.005)
        bench.note(name, len(rows), time.perf_counter() - began_s)


@asynccontextmanager
async def clients(bench: Bench, path: Path) -> AsyncIterator[list[Process]]:
    """Connected, and waiting for the command to start."""
    port, token = bench.platform.processes["ingest"].port, bench.platform.client.headers["Authorization"]
    script, pipe = Path(__file__).with_name("client.py"), asyncio.subprocess.PIPE
    processes = []
    for number in range(CLIENTS):
        arguments = [str(value) for value in (script, path, number, CLIENTS, port, token)]
        processes.append(await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe))
    try:
        for process in processes:
            assert await heard(process) == "ready", "a client did not start"
        yield processes
    finally:
        for process in processes:
            process.stdin.close()  # type: ignore[union-attr]
            await process.wait()


async def heard(process: Process) -> str:
    return (await process.stdout.readline()).decode().strip()  # type: ignore[union-attr]


async def uploaded(bench: Bench, rows: BulkReadings) -> None:
    """A Parquet file, from the first byte sent until the job is done and the outbox empty."""
    path = bench.folder / "readings.parquet"
    pq.write_table(rows.table(), path)
    await bench.calm()
    began_s = time.perf_counter()
    answer = await bench.platform.client.post(
        bench.platform.url("telemetry/uploads"), params={"format": "parquet", "mode": "backfill"}, content=pieces(path)
    )
    upload_id = answer.raise_for_status().json()["upload_id"]

    async def done() -> bool:
        job = (await bench.platform.get(f"telemetry/uploads/{upload_id}")).raise_for_status().json()
        assert job["status"] in {"queued", "running", "done"}, job
        return job["status"] == "done" and job["accepted"] == len(rows)

    await until(done, timeout_s=300)
    stored_s = time.perf_counter() - began_s
    await until(bench.published, timeout_s=300, every_s=0.005)
    took_s = time.perf_counter() - began_s
    say(f"  stored after {stored_s:.1f} s, published after {took_s:.1f} s")
    bench.note(FILE, len(rows), took_s)


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(2**20):
            yield piece


def peak_mib(bench: Bench) -> int:
    """Most memory the process ever held, as the kernel counts it."""
    process = bench.platform.processes["ingest"]._process
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024  # type: ignore[index]


async def empty(bench: Bench) -> None:
    await bench.connection.execute("TRUNCATE ingest.readings, ingest.batches, ingest.day_sums")


async def measure_files(bench: Bench, rows: int) -> None:
    """Each into an empty table."""
    say(f"a file of {rows:,} rows, {FILE_DEVICES:,} devices")
    for _ in range(FILE_ROUNDS):
        await empty(bench)
        await copied(bench, COPY_FILE, bench.fleet(rows, FILE_DEVICES))
        await empty(bench)
        await uploaded(bench, bench.fleet(rows, FILE_DEVICES))
    await empty(bench)
    await copied(bench, COPY_FILE, bench.fleet(rows, FILE_DEVICES))


async def measure_batches(bench: Bench, rows: int) -> None:
    """Each on top of what is there."""
    say(f"{rows // BATCH_ROWS} batches of {BATCH_ROWS:,} rows, {CLIENTS} clients")
    await copied(bench, COPY, bench.fleet(rows, FEW_DEVICES))
    await copied_by_batch(bench, bench.fleet(rows, FEW_DEVICES))
    for _ in range(JSON_ROUNDS):
        await sent(bench, JSON_FEW, bench.fleet(rows, FEW_DEVICES))
        await sent(bench, JSON_MANY, bench.fleet(rows, MANY_DEVICES))
        await copied(bench, COPY, bench.fleet(rows, FEW_DEVICES))


def table(bench: Bench) -> str:
    """What was measured, and how much it is of the COPY of its like."""
    lines = [f"{'':28}{'rows/s':>10}{'of COPY':>10}{'runs':>6}"]
    for what, rates in bench.rates.items():
        rate, baseline = bench.median(what), COPY_FILE if what in {COPY_FILE, FILE} else COPY
        lines.append(f"{what:28}{rate:10,.0f}{rate / bench.median(baseline):10.2f}{len(rates):6}")
    return "\n".join(lines)


async def main(rows: int) -> None:
    async with running() as bench:
        await measure_files(bench, rows)
        peak = peak_mib(bench)
        await measure_batches(bench, max(rows // 10, 2 * CLIENTS * BATCH_ROWS))
    say(table(bench))
    result = {
        "bench": "ingest",
        "copy_rows_per_s": round(bench.median(COPY)),
        "json_ratio": round(bench.median(JSON_FEW) / bench.median(COPY), 3),
        "parquet_ratio": round(bench.median(FILE) / bench.median(COPY_FILE), 3),
        "parquet_peak_mib": peak,
        "scale_cost": round(bench.median(JSON_FEW) / bench.median(JSON_MANY), 3),
    }
    sys.stdout.write(json.dumps(result) + "\n")


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    asyncio.run(main(parser.parse_args().rows))
