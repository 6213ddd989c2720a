"""How fast telemetry travels the loop: `make bench-loop`, `make bench-loop DEVICES=2000 SECONDS=30 RATE=5000`.

Every service runs as its own process over RabbitMQ and PostgreSQL, with a model trained on a simulated past. A fleet
that has reported for a month goes on day by day, each device once a day under its own id, in batches of 1,000 rows.
The fleet's clock runs as fast as the days pass, so that readings are live. Labels are settled before, not meanwhile.
From one run:

- rows_per_s, copy_ratio: as fast as possible, until all is committed and published; beside a plain COPY of the rows
- p50_ms, p99_ms: from POST to mail received, a dangerous device hidden in every batch
- post_p99_ms, scored_lag_s, cpu_ms_per_1000_rows: at RATE rows a second for SECONDS: the time of a POST, how long ago
  the oldest row not scored at the end was accepted, and the processor time that 1,000 rows cost each part
- sustained_rows_per_s: the highest rate at which scoring keeps up, found in steps of 20 s

The benchmark's own processor time is not counted. The last line is JSON.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load.loop.bench import Bench, BenchmarkError, running, say, train
from load.loop.burst import burst, copy
from load.loop.fleet import BATCH_ROWS, DailyFleet
from load.loop.mail import latencies_s
from load.loop.search import highest_rate
from load.loop.steps import run_step

from pacewatch.contracts.profile import SECONDS_PER_DAY

HISTORY_DAYS = 31  # the longest window, and the day whose readings fall out of it
BURST_BATCHES = 60


def _load() -> str:
    return f"load of the machine {os.getloadavg()[0]:.1f}"


async def history(bench: Bench) -> None:
    """A trained model; it scores what comes later, not what was there before."""
    say(f"training a model on a simulated past; {_load()}")
    await bench.guard(train(bench))


async def new_fleet(bench: Bench, devices: int) -> DailyFleet:
    """A fleet that has reported up to today's midnight, as history."""
    today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
    fleet = DailyFleet(devices, today_s - HISTORY_DAYS * SECONDS_PER_DAY)
    say(f"loading {HISTORY_DAYS} days of {devices:,} devices")
    await burst(bench, fleet, list(fleet.history(HISTORY_DAYS)), "backfill")
    await bench.guard(bench.quiet())
    (await bench.platform.post("labels/mature")).raise_for_status()
    return fleet


async def throughput(bench: Bench, fleet: DailyFleet) -> tuple[float, float]:
    """Rows per second from POST to published, and of a COPY before and after it."""
    days = -(-BURST_BATCHES // fleet.batches_per_day)
    await bench.restart(fleet.day_s + (days + 1) * SECONDS_PER_DAY, speed=0)
    await burst(bench, fleet, list(fleet.batches(1)))
    batches = list(fleet.batches(days))
    await bench.guard(bench.quiet())
    copied = [await copy(bench, batches)]
    rows_per_s = await burst(bench, fleet, batches)
    await bench.guard(bench.quiet())
    copied.append(await copy(bench, batches))
    return rows_per_s, statistics.mean(copied)


async def mail_times_ms(bench: Bench, fleet: DailyFleet, probes: int) -> list[float]:
    """From POST to mail, the shortest first."""
    batches = list(fleet.batches(-(-probes // fleet.batches_per_day)))[:probes]
    await bench.restart(fleet.day_s, speed=0)
    return sorted(1_000 * one for one in await bench.guard(latencies_s(bench, batches, fleet.day_s)))


async def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Every figure of the result."""
    async with running() as bench:
        await history(bench)
        fleet = await new_fleet(bench, arguments.devices)
        rows_per_s, copied = await throughput(bench, fleet)
        say(f"POST to published {rows_per_s:,.0f} rows/s; plain COPY {copied:,.0f} rows/s; {_load()}")
        measured_ms = await mail_times_ms(bench, fleet, arguments.probes)
        say(f"POST to mail, {arguments.probes} batches: worst {measured_ms[-1]:.0f} ms; {_load()}")
        say(f"{len(fleet):,} devices day by day in batches of {BATCH_ROWS:,} rows, {arguments.seconds:g} s")
        step = await run_step(bench, fleet, arguments.rate, arguments.seconds)
        say(f"  {step}; {_load()}")
        say(f"  processor time of 1,000 rows, ms: {step.cpu_ms_per_1000_rows}")
        say("looking for the highest rate that holds")
        sustained = await highest_rate(bench, fleet, step)
        say(f"{sustained:,.0f} rows/s held; {_load()}")
    return {
        "bench": "loop",
        "rows_per_s": round(rows_per_s),
        "copy_ratio": round(rows_per_s / copied, 3),
        "p50_ms": round(statistics.median(measured_ms)),
        "p99_ms": round(measured_ms[min(len(measured_ms) - 1, int(0.99 * len(measured_ms)))]),
        "sustained_rows_per_s": round(sustained),
        "post_p99_ms": round(step.post_p99_ms),
        "scored_lag_s": round(step.lag_s, 2),
        "cpu_ms_per_1000_rows": step.cpu_ms_per_1000_rows,
    }


async def main(arguments: argparse.Namespace) -> int:
    """Measure, and print the result; SIGTERM ends it as Ctrl-C does, with everything removed."""
    own = asyncio.current_task()
    assert own is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, own.cancel)
    try:
        result = await measure(arguments)
    except BenchmarkError as error:
        say(f"bench-loop failed: {error}")
        return 1
    except asyncio.CancelledError:
        say("bench-loop was stopped; its database and queues are removed")
        return 1
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=10_000, help="devices of the fleet")
    parser.add_argument("--seconds", type=float, default=60, help="how long the fixed rate is kept up")
    parser.add_argument("--rate", type=float, default=10_000, help="the fixed rate, rows a second")
    parser.add_argument("--probes", type=int, default=100, help="batches from POST to mail")
    sys.exit(asyncio.run(main(parser.parse_args())))
