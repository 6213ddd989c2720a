"""`pacewatch demo`: the whole loop before the viewer's eyes, on a fast clock.

History is loaded at once, the first model is trained and promoted, and then a day passes every few seconds. All state
is in one folder; a second run goes on from the day the first one had reached.
"""

import asyncio
import json
import os
import shlex
import signal
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit import clock
from pacewatch.kit.files import write_whole
from pacewatch.launcher.client.api_client import get, next_days, post, post_days, train
from pacewatch.launcher.demo.local_platform import LocalPlatform, background, local_platform
from pacewatch.simulator.day import Source
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.replay import ReplayedFleet

# Enriched so that the first model sees some 30 failures, and its gate a few of them in the holdout.
PATIENTS, PATIENT_HISTORY_DAYS, ENRICH, SEED = 300, 120, 24.0, 2
MACHINE_HISTORY_DAYS = 200


@dataclass(frozen=True, slots=True)
class Options:
    """How the demo runs; `data` is the folder of recorded machines, for the machine profile."""

    folder: Path
    port: int
    inbox_port: int
    profile: str
    data: Path
    seconds_per_day: float
    training_every_days: int


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a demo folder has come: enough to go on from there, since a fleet lives its days the same way again."""

    profile: str
    start_s: int
    days_done: int

    @classmethod
    def load(cls, path: Path) -> "Progressed | None":
        """What `path` says, or None for a new folder."""
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def save(self, path: Path) -> None:
        """Replace `path` as a whole."""
        write_whole(path, json.dumps(asdict(self)).encode())


class WrongFolderError(Exception):
    """The demo folder holds another fleet."""


async def demo(options: Options, console: Console) -> None:
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    progressed = _progressed(options)
    extra = {"PACEWATCH_REGISTRY_TRAINING_INTERVAL_H": str(24 * options.training_every_days)}
    console.print(f"Starting PostgreSQL, the inbox and every service; all state is in {options.folder}")
    _stand_still(progressed)
    async with local_platform(
        options.folder, options.profile, port=options.port, inbox_port=options.inbox_port, extra=extra
    ) as platform:
        _announce(platform, options, console)
        driving = asyncio.ensure_future(_drive(platform, options, progressed, console))
        driving.add_done_callback(lambda _: stop.set())
        async with background(driving):
            await stop.wait()
            if driving.done():
                driving.result()
    console.print("Everything is stopped; `make demo` goes on from here.")


def _progressed(options: Options) -> Progressed:
    path = options.folder / "demo.json"
    progressed = Progressed.load(path)
    if progressed is None:
        return Progressed(options.profile, _first_day_s(options), 0)
    if progressed.profile != options.profile:
        raise WrongFolderError(
            f"{options.folder} holds a {progressed.profile} fleet; use another DEMO_DIR for {options.profile}, "
            f"or remove the folder"
        )
    return progressed


def _first_day_s(options: Options) -> int:
    """So that the history ends today; a recorded fleet begins when it began."""
    if options.profile == MACHINE.name:
        return ReplayedFleet(options.data).start_s
    today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
    return today_s - PATIENT_HISTORY_DAYS * SECONDS_PER_DAY


def _source(options: Options, start_s: int) -> Source:
    if options.profile == MACHINE.name:
        return ReplayedFleet(options.data)
    return Fleet(PATIENTS, start_s, ENRICH, SEED, refill=True)


def _history_days(options: Options) -> int:
    return MACHINE_HISTORY_DAYS if options.profile == MACHINE.name else PATIENT_HISTORY_DAYS


def _announce(platform: LocalPlatform, options: Options, console: Console) -> None:
    console.print(f"\n  dashboard  http://localhost:{options.port}")
    console.print(f"  log in as  {platform.credentials.email}  password  {platform.credentials.password}")
    console.print(f"  inbox      http://localhost:{options.inbox_port}\n")


async def _drive(platform: LocalPlatform, options: Options, progressed: Progressed, console: Console) -> None:
    """History, first model, then day after day."""
    source = _source(options, progressed.start_s)
    history = _history_days(options)
    if progressed.days_done < history:
        progressed = await _load_history(platform, options, progressed, source, console)
    else:
        for _ in next_days(source, progressed.days_done):
            pass
    _stand_still(progressed)
    await _first_model(platform, console)
    await _live(platform, options, progressed, source, console)


async def _load_history(
    platform: LocalPlatform, options: Options, progressed: Progressed, source: Source, console: Console
) -> Progressed:
    """Post the days before today. Interrupted, it starts over: what is stored already is counted as duplicate."""
    days = _history_days(options)
    _stand_still(replace(progressed, days_done=days))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"Loading {days} days of history, rows", total=None)
        told = lambda rows: progress.advance(task, rows)  # noqa: E731
        await post_days(platform.client, source, next_days(source, days), "backfill", told)
    progressed = replace(progressed, days_done=days)
    progressed.save(options.folder / "demo.json")
    return progressed


async def _first_model(platform: LocalPlatform, console: Console) -> None:
    matured = await post(platform.client, "/api/v1/labels/mature", None)
    console.print(f"Labels settled by outcomes alone: {matured['counts']}")
    active = await platform.client.get("/api/v1/models/active")
    if active.is_success:
        console.print(f"Model {active.json()['version']} is active")
        return
    console.print("Training the first model on matured rows only")
    model = await train(platform.client, "first model of the demo", lambda line: console.print(f"  {line}"))
    console.print(f"Model {model['version']} is {model['status']}: {model['reason']}")


async def _live(
    platform: LocalPlatform, options: Options, progressed: Progressed, source: Source, console: Console
) -> None:
    """A day every `seconds_per_day`: posted when the fleet's clock has passed it."""
    clock.start_at(_now_s(progressed), SECONDS_PER_DAY / options.seconds_per_day)
    environment = _environment(platform, options)
    console.print(f"Live: a day every {options.seconds_per_day:g} s. Ctrl-C ends everything.")
    console.print(
        f"`. {environment}` in another shell, and `pacewatch replay`, `upload` or `retention` look at this fleet."
    )
    for day in next_days(source, 10**9):
        await asyncio.sleep((day.end_s - clock.now_s()) / clock.speed())
        await post_days(platform.client, source, [day], "live")
        progressed = replace(progressed, days_done=progressed.days_done + 1)
        progressed.save(options.folder / "demo.json")
        await _tell_day(platform, console)
    console.print("The recorded data end here; the dashboard stays up until Ctrl-C.")
    clock.start_at(clock.now_s(), 0)
    await asyncio.Event().wait()


def _environment(platform: LocalPlatform, options: Options) -> Path:
    """A file of all that another command must know to work on this platform, fleet time among it."""
    told = {name: value for name, value in os.environ.items() if name.startswith("PACEWATCH_")}
    told |= {"PACEWATCH_CLOCK": str(clock.pace()), "PACEWATCH_EMAIL": platform.credentials.email}
    told |= {"PACEWATCH_PASSWORD": platform.credentials.password}
    path = options.folder / "environment"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(told.items()))
    return path


async def _tell_day(platform: LocalPlatform, console: Console) -> None:
    summary = await get(platform.client, "/api/v1/telemetry/summary")
    alerts = await get(platform.client, "/api/v1/alerts", page=1, size=1)
    console.print(f"{clock.now():%Y-%m-%d}  {summary['rows']:,} readings, {alerts['total']} alerts so far")


def _now_s(progressed: Progressed) -> int:
    return progressed.start_s + progressed.days_done * SECONDS_PER_DAY


def _stand_still(progressed: Progressed) -> None:
    """Fleet time is the end of the last day done: nothing posted so far lies in the future."""
    clock.start_at(_now_s(progressed), 0)
