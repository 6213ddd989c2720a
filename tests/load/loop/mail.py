"""From POST to mail received: batches of a healthy fleet, each with one device in danger hidden in it."""

import asyncio
import time
from collections.abc import Sequence

from load.loop.bench import Bench, BenchmarkError
from load.loop.fleet import BATCH_ROWS
from support.fleets import Row, dying, healthy, new_device
from support.waiting import until

from pacewatch.contracts.profile import SECONDS_PER_DAY

PAST_DAYS = 10
PAUSE_S = 0.2  # one batch at a time: what is still being scored of this one must not delay the next


async def latencies_s(bench: Bench, batches: Sequence[list[Row]], now_s: int) -> list[float]:
    """Seconds from POST to mail, one entry a batch; `now_s` is fleet time, which stands still."""
    devices = [new_device() for _ in batches]
    past = [healthy(device, now_s - day * SECONDS_PER_DAY) for device in devices for day in range(PAST_DAYS, 0, -1)]
    for start in range(0, len(past), BATCH_ROWS):
        rows = past[start : start + BATCH_ROWS]
        (await bench.platform.post("telemetry/ingest", rows, mode="backfill")).raise_for_status()
    await bench.quiet()
    measured_s = []
    for device, batch in zip(devices, batches, strict=True):
        rows = [*batch[:-1], dying(device, now_s)]
        began_s = time.perf_counter()
        (await bench.platform.post("telemetry/ingest", rows)).raise_for_status()
        try:
            await until(lambda device=device: _received(bench, device), every_s=0.002)  # type: ignore[misc]
        except TimeoutError:
            raise BenchmarkError("a dangerous reading was posted, and no mail came") from None
        measured_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(PAUSE_S)
    return measured_s


async def _received(bench: Bench, device: int) -> bool:
    return any(f" {device}:".encode() in mail.content for mail in reversed(bench.mail.messages[-20:]))
