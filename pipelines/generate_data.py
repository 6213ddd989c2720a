"""Make a telemetry data set of simulated pacemakers, or let the fleet report live to a running platform.

A history of about 2,000,000 rows; beside it the hidden truth, the reported outcomes and the register of devices:

    python pipelines/generate_data.py --out telemetry.parquet

The same fleet, live: after the 1095 days that the file has, a day every five seconds, until Ctrl-C:

    PACEWATCH_TOKEN=... python pipelines/generate_data.py --continue-after 1095 --follow http://localhost:8080

Recorded machines instead of simulated pacemakers:

    PACEWATCH_TOKEN=... python pipelines/generate_data.py --replay tests/files/machines --follow http://localhost:8080
"""

import asyncio
import os
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import track

from pacewatch.simulator.client import Account, Client, DeliveryError
from pacewatch.simulator.dataset import FORMATS, make_dataset, write
from pacewatch.simulator.day import Day, Source, days
from pacewatch.simulator.fleet import Fleet
from pacewatch.simulator.follow import every, follow
from pacewatch.simulator.regimes import REGIMES
from pacewatch.simulator.replay import ReplayedFleet

FILE_DAYS = 1_095
REGIME_HELP = "a change of the world, repeatable: " + "; ".join(f"{name} ({what})" for name, what in REGIMES.items())
Option = typer.Option
console = Console(stderr=True)


def main(
    *,
    patients: Annotated[int, Option(min=1, help="devices on the first day; their ids are 0..patients-1")] = 2_750,
    count: Annotated[int | None, Option("--days", min=1, help=f"of a file: {FILE_DAYS}; of following: no end")] = None,
    enrich: Annotated[float, Option(min=0, help="failure hazards times this: 1 for realism, 8 for training")] = 8,
    start: Annotated[str, Option(metavar="YYYY-MM-DD", help="the first day, UTC")] = "2018-01-01",
    seed: Annotated[int, Option(min=0, help="same options and seed, same data")] = 7,
    regime: Annotated[list[str] | None, Option(help=REGIME_HELP)] = None,
    refill: Annotated[bool, Option("--refill", help="new implants, under new ids, follow silent devices")] = False,
    out: Annotated[Path | None, Option(help="write FILE, FILE.truth, .outcomes and .devices: .parquet or .csv")] = None,
    url: Annotated[str | None, Option("--follow", help="report day after day to this platform")] = None,
    continue_after: Annotated[int, Option(min=0, help="live through so many days unseen, then follow")] = 0,
    seconds_per_day: Annotated[float, Option(min=0, help="the pace of following")] = 5,
    email: Annotated[str, Option(help="sign in with PACEWATCH_PASSWORD instead of PACEWATCH_TOKEN")] = "",
    replay: Annotated[Path | None, Option(help="follow the machines recorded in this folder instead")] = None,
) -> None:
    if (out is None) == (url is None):
        raise typer.BadParameter("say either --out FILE or --follow URL")
    if out:
        _check_file(out, replay)
        _write_file(_fleet(patients, start, enrich, seed, regime, refill=refill), count or FILE_DAYS, out)
    elif url:
        source = _recorded(replay) if replay else _fleet(patients, start, enrich, seed, regime, refill=refill)
        for _ in _tracked(days(source, continue_after), continue_after):
            pass
        _run(_follow(source, url, email, seconds_per_day, count))


main.__doc__ = __doc__


def _fleet(patients: int, start: str, enrich: float, seed: int, regime: list[str] | None, *, refill: bool) -> Fleet:
    try:
        start_s = int(datetime.strptime(start, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        return Fleet(patients, start_s, enrich, seed, frozenset(regime or ()), refill=refill)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _recorded(folder: Path) -> ReplayedFleet:
    try:
        return ReplayedFleet(folder)
    except FileNotFoundError as error:
        raise typer.BadParameter(f"--replay needs the machines' files: {error}") from None


def _check_file(out: Path, replay: Path | None) -> None:
    """Find out now, not after the work."""
    if out.suffix not in FORMATS:
        raise typer.BadParameter(f"--out must end in {' or '.join(FORMATS)}")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"--out: there is no folder {out.parent}")
    if replay:
        raise typer.BadParameter("--replay goes with --follow: its data set exists already")


def _write_file(fleet: Fleet, count: int, out: Path) -> None:
    dataset = make_dataset(fleet, count, lambda lived: _tracked(lived, count))
    console.print(f"{len(dataset.rows):,} rows, {len(dataset.truth):,} devices ended; writing ...")
    console.print("wrote " + ", ".join(map(str, write(dataset, out))))


def _tracked(lived: Iterable[Day], count: int) -> Iterable[Day]:
    return track(lived, "living through days", total=count, console=console, disable=not console.is_terminal)


async def _follow(source: Source, url: str, email: str, seconds_per_day: float, count: int | None) -> None:
    tick = every(seconds_per_day)

    async def moment(day: Day) -> None:
        await tick(day)
        date = datetime.fromtimestamp(day.date_s, UTC).date()
        console.print(f"{date}  {len(day.readings):6,} readings  {len(day.outcomes):3} outcomes")

    account = Account(email, os.environ.get("PACEWATCH_PASSWORD", "")) if email else None
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        token = "" if account else os.environ.get("PACEWATCH_TOKEN", "")
        client = Client(http, token, account, tell=console.print)
        await follow(source, client.post, moment, count)


def _run(following: Coroutine[None, None, None]) -> None:
    try:
        asyncio.run(following)
    except KeyboardInterrupt:
        console.print("stopped")
    except DeliveryError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
