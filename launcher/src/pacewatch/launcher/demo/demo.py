"""`pacewatch demo`: the whole loop on a fast clock.

History is loaded at once, the first model is trained and promoted, and then a day passes every few seconds. All state
is in one folder: the next run continues from the day that the last one reached.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from rich.console import Console

from pacewatch.launcher.client.api_client import get, next_days, post_devices
from pacewatch.launcher.demo.history import ensure_model, load_history
from pacewatch.launcher.demo.live import run_live
from pacewatch.launcher.demo.local_platform import LocalPlatform, local_platform
from pacewatch.launcher.demo.options import Options
from pacewatch.launcher.demo.state import DemoState
from pacewatch.simulator.day import Source

# Readings known to precede a failure, some 15 failures: without a history that is a month and a half, enough to train.
LEAST_POSITIVES = 100


async def run_demo(options: Options, console: Console) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    options.check()
    state = DemoState.load_or_create(options)
    source = state.create_source(options.data)
    schedule = {"TRAINING_INTERVAL_H": 24 * options.training_every_days, "MIN_TRAINING_POSITIVES": LEAST_POSITIVES}
    extra = {f"PACEWATCH_REGISTRY_{name}": str(value) for name, value in schedule.items()}
    console.print(f"Starting PostgreSQL, the mailcatcher and every service. All state is in {options.folder}")
    state.stop_clock()
    ports = {"port": options.port, "mailcatcher_port": options.mailcatcher_port}
    async with local_platform(options.folder, options.profile, **ports, extra=extra) as platform:
        _print_addresses(platform, options, console)
        days = asyncio.ensure_future(_run_days(platform, options, state, source, console))
        days.add_done_callback(lambda _: stop.set())
        async with _cancelled_at_exit(days):
            await stop.wait()
            if days.done():
                days.result()
    console.print("Everything is stopped. `make demo` continues from here.")


def _print_addresses(platform: LocalPlatform, options: Options, console: Console) -> None:
    console.print(f"\n  dashboard    http://localhost:{options.port}")
    console.print(f"  log in as    {platform.credentials.email}  password  {platform.credentials.password}")
    console.print(f"  mailcatcher  http://localhost:{options.mailcatcher_port}\n")


async def _run_days(
    platform: LocalPlatform, options: Options, state: DemoState, source: Source, console: Console
) -> None:
    """Load the history, train the first model, then let one day pass after the other."""
    state.save(options.state_file)  # a load that is interrupted and continued tomorrow is of the same days
    if state.days_done < state.history_days:
        state = await load_history(platform, state, source, console)
        state.save(options.state_file)
    else:
        await _skip_days(platform, state, source)
    if state.history_days:
        await ensure_model(platform, console)
    else:
        console.print("No history: the fleet fills by the API alone. The schedule trains the first model.")
    await run_live(platform, options, state, source, console)


async def _skip_days(platform: LocalPlatform, state: DemoState, source: Source) -> None:
    """Go to the day after the last one done. A folder of an older version has no register yet: it gets one."""
    has_register = (await get(platform.client, "/api/v1/devices", size=1))["total"] > 0
    for day in next_days(source, state.days_done):
        if not has_register:  # else a person may have corrected it
            await post_devices(platform.client, source, day)


@asynccontextmanager
async def _cancelled_at_exit(work: asyncio.Future[Any]) -> AsyncIterator[None]:
    """Run `work` beside the block, and cancel it when the block ends."""
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
