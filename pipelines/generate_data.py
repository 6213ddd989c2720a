"""Write a telemetry data set of simulated pacemakers, or post a fleet live to a running platform.

A history of about 2,000,000 rows, with the true outcomes, the reported outcomes and the device register beside it:

    python pipelines/generate_data.py --out telemetry.parquet

With --aligned all patients are there in parallel: each interval has one timestamp.

The same fleet live: from day 1096, which follows the file, one day every five seconds, until Ctrl-C:

    PACEWATCH_TOKEN=... python pipelines/generate_data.py --continue-after 1095 --follow http://localhost:8080

Recorded machines instead of simulated pacemakers:

    PACEWATCH_TOKEN=... python pipelines/generate_data.py --replay tests/files/machines --follow http://localhost:8080
"""

import asyncio
import os
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import track

from pacewatch.simulator.day import Day, Source, days
from pacewatch.simulator.devices.regimes import REGIMES
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.client import Account, Client, DeliveryError
from pacewatch.simulator.sources.dataset import FORMATS, make_dataset, write_dataset
from pacewatch.simulator.sources.follow import at_pace, follow
from pacewatch.simulator.sources.replay import ReplayedFleet

FILE_DAYS = 1_095
REGIME_HELP = "a change of the fleet, repeatable: " + "; ".join(f"{name} ({text})" for name, text in REGIMES.items())
Option = typer.Option
console = Console(stderr=True)


def main(
    *,
    patients: Annotated[int, Option(min=1, help="devices on the first day; their ids are 0..patients-1")] = 2_750,
    count: Annotated[
        int | None, Option("--days", min=1, help=f"days to write ({FILE_DAYS}) or to post (no end)")
    ] = None,
    enrich: Annotated[float, Option(min=0, help="multiplies failure hazards: 1 is realistic, 8 is for training")] = 8,
    start: Annotated[str, Option(metavar="YYYY-MM-DD", help="the first day, UTC")] = "2018-01-01",
    seed: Annotated[int, Option(min=0, help="the same options and seed give the same data")] = 7,
    regime: Annotated[list[str] | None, Option(help=REGIME_HELP)] = None,
    refill: Annotated[bool, Option("--refill", help="replace ended devices with new implants under new ids")] = False,
    aligned: Annotated[
        bool, Option("--aligned", help="every patient has the same timestamp in each interval, midnight UTC")
    ] = False,
    out: Annotated[Path | None, Option(help="write FILE, FILE.truth, .outcomes and .devices: .parquet or .csv")] = None,
    url: Annotated[str | None, Option("--follow", help="post day after day to the platform at this URL")] = None,
    continue_after: Annotated[int, Option(min=0, help="simulate so many days without posting, then follow")] = 0,
    seconds_per_day: Annotated[float, Option(min=0, help="seconds between the days that --follow posts")] = 5,
    email: Annotated[str, Option(help="sign in with PACEWATCH_PASSWORD instead of PACEWATCH_TOKEN")] = "",
    replay: Annotated[Path | None, Option(help="with --follow: post the recorded machines of this folder")] = None,
) -> None:
    if (out is None) == (url is None):
        raise typer.BadParameter("give either --out FILE or --follow URL")
    new_fleet = partial(_new_fleet, patients, start, enrich, seed, regime, refill=refill, aligned=aligned)
    if out:
        _check_out(out, replay)
        _write_file(new_fleet(), count or FILE_DAYS, out)
    elif url:
        source = _recorded_fleet(replay) if replay else new_fleet()
        for _ in _show_progress(days(source, continue_after), continue_after):
            pass
        _run_until_stopped(_follow(source, url, email, seconds_per_day, count))


main.__doc__ = __doc__


def _new_fleet(
    patients: int, start: str, enrich: float, seed: int, regime: list[str] | None, *, refill: bool, aligned: bool
) -> Fleet:
    try:
        start_s = int(datetime.strptime(start, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        return Fleet(patients, start_s, enrich, seed, frozenset(regime or ()), refill=refill, aligned=aligned)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _recorded_fleet(folder: Path) -> ReplayedFleet:
    try:
        return ReplayedFleet(folder)
    except FileNotFoundError as error:
        raise typer.BadParameter(f"--replay needs the machines' files: {error}") from None


def _check_out(out: Path, replay: Path | None) -> None:
    """Fail before the simulation, not after it."""
    if out.suffix not in FORMATS:
        raise typer.BadParameter(f"--out must end in {' or '.join(FORMATS)}")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"--out: there is no folder {out.parent}")
    if replay:
        raise typer.BadParameter("--replay works only with --follow: the recorded machines already are a data set")


def _write_file(fleet: Fleet, count: int, out: Path) -> None:
    dataset = make_dataset(fleet, count, lambda simulated: _show_progress(simulated, count))
    console.print(f"{len(dataset.rows):,} rows, {len(dataset.truth):,} devices ended; writing ...")
    console.print("wrote " + ", ".join(map(str, write_dataset(dataset, out))))


def _show_progress(simulated: Iterable[Day], count: int) -> Iterable[Day]:
    return track(simulated, "simulating days", total=count, console=console, disable=not console.is_terminal)


async def _follow(source: Source, url: str, email: str, seconds_per_day: float, count: int | None) -> None:
    pace = at_pace(seconds_per_day)

    async def wait_for_day(day: Day) -> None:
        await pace(day)
        date = datetime.fromtimestamp(day.date_s, UTC).date()
        console.print(f"{date}  {len(day.readings):6,} readings  {len(day.outcomes):3} outcomes")

    account = Account(email, os.environ.get("PACEWATCH_PASSWORD", "")) if email else None
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        token = "" if account else os.environ.get("PACEWATCH_TOKEN", "")
        client = Client(http, token, account, on_retry=console.print)
        await follow(source, client.post, wait_for_day, count)


def _run_until_stopped(task: Coroutine[None, None, None]) -> None:
    try:
        asyncio.run(task)
    except KeyboardInterrupt:
        console.print("stopped")
    except DeliveryError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
