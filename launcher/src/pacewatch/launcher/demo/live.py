"""The demo's present: a day every few seconds, and the settings with which other commands can join in."""

import asyncio
import os
import shlex
import sys
from pathlib import Path

from rich.console import Console

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit import clock
from pacewatch.kit.files import write_whole
from pacewatch.launcher.client.api_client import get, next_days, post_days
from pacewatch.launcher.demo.local_platform import LocalPlatform
from pacewatch.launcher.demo.options import Options
from pacewatch.launcher.demo.state import DemoState
from pacewatch.simulator.day import Source


async def run_live(
    platform: LocalPlatform, options: Options, state: DemoState, source: Source, console: Console
) -> None:
    """Post each day when fleet time has passed its end. After the last recorded day, wait until cancelled."""
    clock.start_at(state.now_s, SECONDS_PER_DAY / options.seconds_per_day)
    file = write_environment(platform, options.folder / "environment")
    console.print(f"Live: a day every {options.seconds_per_day:g} s. Ctrl-C ends everything.")
    console.print(
        f"In another shell, run `. {file}`: then `pacewatch verify-scores`, `upload` and `retention` use this fleet."
    )
    model = await _active_model(platform)
    for day in next_days(source, 10**9):
        await asyncio.sleep((day.end_s - clock.now_s()) / clock.speed())
        await post_days(platform.client, source, [day], "live")
        state = state.after(state.days_done + 1)
        state.save(options.state_file)
        await _print_day(platform, console)
        if (now_active := await _active_model(platform)) != model:
            model = now_active
            console.print(f"            model {model} is active now", highlight=False)
    console.print("The recorded data end here. The dashboard stays up until Ctrl-C.")
    clock.start_at(clock.now_s(), 0)
    await asyncio.Event().wait()


def write_environment(platform: LocalPlatform, path: Path) -> Path:
    """Write a file, readable by its owner only, that sets all that another command needs here, fleet time included."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("PACEWATCH_")}
    variables |= {"PACEWATCH_CLOCK": str(clock.pace()), "PACEWATCH_EMAIL": platform.credentials.email}
    variables |= {"PACEWATCH_PASSWORD": platform.credentials.password}
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items())]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"\n')  # where `pacewatch` is
    write_whole(path, "".join(lines).encode(), mode=0o600)
    return path


async def _print_day(platform: LocalPlatform, console: Console) -> None:
    summary = await get(platform.client, "/api/v1/telemetry/summary")
    alerts = await get(platform.client, "/api/v1/alerts", page=1, size=1)
    line = f"{clock.now():%Y-%m-%d}  {summary['rows']:,} readings, {alerts['total']} alerts so far"
    console.print(line, highlight=False)


async def _active_model(platform: LocalPlatform) -> str | None:
    response = await platform.client.get("/api/v1/models/active")
    return str(response.json()["version"]) if response.is_success else None
