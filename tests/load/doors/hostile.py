"""Sends hostile files to a real ingest process and measures what each costs: `python tests/load/doors/hostile.py`.

While they are sent, one file after another, /readyz is asked twenty times a second by a process of its own, and some
connections send their bodies byte by byte. The last line is JSON:

- hostile_files: how many; server_errors: answers of 500 and more, of any request
- unexpected: files that were neither refused nor stored
- slowest_cpu_s: most processor time of ingest and its parser for one file, from the request to its end
- readyz_worst_ms: longest answer; memory_growth_mib: most resident memory of ingest and its parser, over that after a
  valid file and a valid body; ingest_growth_mib: of ingest alone
- slow_bodies_s: when a body of a byte every 5 s was answered with a 408, at the latest
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from load.deployment import deploy
from load.doors.corpus import PARQUET, Hostile, corpus
from load.doors.usage import Usage
from support.ingest.uploads import columns, encoded
from support.platform.processes import Platform, create_platform
from support.waiting import until

from pacewatch.kit.tables.files.chunks import Format

OVER = {"done", "failed", "cancelled"}
SLOW_BODIES = 20
BYTE_EVERY_S = 5.0
PROBE = Path(__file__).with_name("probe.py")


@dataclass
class Found:
    """What was measured so far."""

    files: int = 0
    server_errors: int = 0
    unexpected: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    readyz_worst_ms: float = 0.0
    growth_bytes: int = 0
    ingest_growth_bytes: int = 0
    slow_bodies_s: float = 0.0

    def result(self) -> dict[str, Any]:
        """The figures, as JSON can hold them."""
        return {
            "bench": "hostile",
            "hostile_files": self.files,
            "server_errors": self.server_errors,
            "unexpected": self.unexpected[:10],
            "slowest_cpu_s": round(self.slowest[0], 2),
            "slowest_file": self.slowest[1],
            "readyz_worst_ms": round(self.readyz_worst_ms),
            "memory_growth_mib": round(self.growth_bytes / 2**20),
            "ingest_growth_mib": round(self.ingest_growth_bytes / 2**20),
            "slow_bodies_s": round(self.slow_bodies_s, 1),
        }


async def prove(platform: Platform, files: Iterable[Hostile], *, slow_bodies: int = 0) -> Found:
    """Send the files to the process `ingest` of the platform, and measure."""
    found, ingest = Found(), platform.processes["ingest"]
    await _warm_up(platform)
    usage = Usage(ingest.pid)
    probe = await asyncio.create_subprocess_exec(
        sys.executable, str(PROBE), f"http://127.0.0.1:{ingest.port}/readyz",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    slow = [asyncio.create_task(_slow_body(platform, found)) for _ in range(slow_bodies)]
    try:
        async with usage.watched():
            for file in files:
                before_s = usage.cpu_s()
                status = await _send(platform, file, found)
                took_s = usage.cpu_s() - before_s
                sys.stderr.write(f"{took_s:6.2f} s  {status:7} {usage.growth()[0] // 2**20:4} MiB  {file}\n")
                found.slowest = max(found.slowest, (took_s, str(file)))
                found.files += 1
            await asyncio.gather(*slow)
    finally:
        for task in slow:
            task.cancel()
        output, _ = await probe.communicate(b"\n")
    found.readyz_worst_ms, failures = map(float, output.split())
    found.server_errors += int(failures)
    found.growth_bytes, found.ingest_growth_bytes = usage.growth()
    return found


async def _warm_up(platform: Platform) -> None:
    """Ordinary work: full batches, files of several chunks, and a refused one of each. Growth counts from there."""
    for first_device in (10**9, 2 * 10**9):
        batch, rows = columns(2_000), columns(50_000)
        for table in (batch, rows):
            table[next(iter(table))] += first_device
        for body, status in ((encoded(batch, "parquet"), 200), (b"PAR1", 422)):
            answer = await platform.client.post(
                platform.url("telemetry/ingest"), content=body, headers={"Content-Type": PARQUET}
            )
            assert answer.status_code == status, answer.text
        for kind in Format:
            assert (await _uploaded(platform, encoded(rows, kind), kind)) == "done"
            assert (await _uploaded(platform, b"{", kind)) in {"failed", "done", "415"}


async def _send(platform: Platform, file: Hostile, found: Found) -> str:
    """Send one file to its end; what became of it."""
    try:
        if file.is_body:
            headers = {"Content-Type": file.door}
            answer = await platform.client.post(
                platform.url("telemetry/ingest"), content=file.body, headers=headers, params={"mode": "backfill"}
            )
            status = str(answer.status_code)
        else:
            status = await _uploaded(platform, file.body, file.door)
    except httpx.HTTPError as error:
        status = repr(error)
    found.server_errors += status.startswith("5")
    if status not in OVER | {"200", "413", "415", "422"}:
        found.unexpected.append(f"{file}: {status}")
    return status


async def _uploaded(platform: Platform, body: bytes, kind: str) -> str:
    """How the upload ended, or the status of the answer if there is none."""
    parameters = {"format": kind, "mode": "backfill"}
    answer = await platform.client.post(platform.url("telemetry/uploads"), content=body, params=parameters)
    if answer.status_code != 202:
        return str(answer.status_code)
    upload: dict[str, Any] = answer.json()

    async def is_over() -> bool:
        nonlocal upload
        upload = (await platform.get(f"telemetry/uploads/{upload['upload_id']}")).raise_for_status().json()
        return upload["status"] in OVER

    await until(is_over, timeout_s=240, every_s=0.02)
    return str(upload["status"])


async def _slow_body(platform: Platform, found: Found) -> None:
    """A body of which a byte comes every few seconds; the answer must be a 408."""
    port, token = platform.processes["ingest"].port, platform.client.headers["Authorization"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /api/v1/telemetry/ingest HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n".encode())
    began_s, answered = time.monotonic(), asyncio.ensure_future(reader.readline())
    try:
        while not answered.done():
            writer.write(b"[")
            await asyncio.wait([answered], timeout=BYTE_EVERY_S)
        found.slow_bodies_s = max(found.slow_bodies_s, time.monotonic() - began_s)
        if b" 408 " not in answered.result():
            found.unexpected.append(f"a slow body: {answered.result()!r}")
    finally:
        writer.close()


@asynccontextmanager
async def running() -> AsyncIterator[Platform]:
    """The ingest service as a process, with a database and a topology of its own."""
    async with AsyncExitStack() as stack:
        own = await deploy(stack)
        platform = create_platform(own.settings, own.folder, ["ingest"])
        stack.push_async_callback(platform.stop)
        await platform.start()
        yield platform


async def main(files: int, seed: int) -> None:
    hostile = list(corpus(files, seed))
    async with running() as platform:
        found = await prove(platform, hostile, slow_bodies=SLOW_BODIES)
    sys.stdout.write(json.dumps(found.result()) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=220)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.files, arguments.seed))
