"""Train and judge a model on an old fleet, without servers: what there is to know before the platform is installed.

A folder of your own, with readings and outcomes as Parquet or CSV, of a fleet described in YAML or Python:

    python pipelines/report.py --profile mine.yaml --data FOLDER

The least that mine.yaml can say (libs/ml/.../profile_file.py has the rest):

    name: pump
    device_field: pump_id
    signals:
      - {name: flow_l_min, unit: l/min, plausible: [0, 100], normal: [10, 20]}

The recorded machines, from the checkout or with --data from their folder, or a simulated fleet of pacemakers:

    python pipelines/report.py --profile machine
    python pipelines/report.py --enrich 1

How to read it:

 1. Look at the failures of the newest span first. Below 5 nothing is
    claimed, below 30 only the brackets tell.
 2. Compare "failures caught" with the hand rule, which spends the same
    alerts: a model that does not beat it is not worth its upkeep.
 3. Look where it works. One easy mode (a battery that runs down) makes all
    figures look good: read the modes, and what is left without the commonest.
 4. ROC-AUC is .5 for chance and .85 to .92 for what is known of real fleets.
    Above .99 look for readings that know the outcome.
 5. Accuracy tells nothing where failures are rare. Alerts per 100
    device-months tell what the clinic will feel.
 6. Another fleet of the same kind gives other figures: try --seed.

FOLDER holds, each as .parquet or .csv:

    readings   the profile's device field, timestamp (Unix seconds or a
               date), one column a signal; devices: numbers or names
    outcomes   the device, occurred_at; if known: kind (failure if absent)
               and mode
    devices    if you have it: the device, implanted_at, and columns of
               words such as lead_model, to judge by each
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import polars as pl
import typer

from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.ml import report
from pacewatch.ml.profile_file import profile_of
from pacewatch.simulator.dataset import make_dataset, write
from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.fleet import Fleet
from pacewatch.simulator.regimes import REGIMES
from pacewatch.simulator.replay import ReplayedFleet, has_machines, machine_folder
from pacewatch.simulator.rows import outcome_rows, reading_rows

DEVICES: Final = 2_500
DAYS: Final = 420
ENRICH: Final = 8.0
SEED: Final = 7
REGIME_HELP: Final = f"a simulated change, repeatable: {', '.join(REGIMES)}"
START_S: Final = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())


def main(
    profile: Annotated[str, typer.Option(help="pacemaker, machine, or a .yaml or .py file")] = PACEMAKER.name,
    data: Annotated[Path | None, typer.Option(help="the old fleet's folder; default: simulated or recorded")] = None,
    out: Annotated[Path, typer.Option(help="where report.json and the curves go")] = Path("reports"),
    devices: Annotated[int, typer.Option(min=1, help="simulated ones")] = DEVICES,
    days: Annotated[int, typer.Option(min=1, help="simulated ones")] = DAYS,
    enrich: Annotated[
        float, typer.Option(min=0, help="simulated failures times this; 1 is as rare as in life")
    ] = ENRICH,
    seed: Annotated[int, typer.Option(min=0, help="another simulated fleet")] = SEED,
    regime: Annotated[
        list[str] | None, typer.Option(help=f"a simulated change, repeatable: {', '.join(REGIMES)}")
    ] = None,
) -> None:
    try:
        source = _source(profile, data) or Fleet(devices, START_S, enrich, seed, frozenset(regime or ()))
    except (LookupError, ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from None
    with _readable(source, days) as folder:
        code = report.main(["--profile", profile, "--data", str(folder), "--out", str(out)])
    raise typer.Exit(code)


main.__doc__ = __doc__


def _source(profile: str, data: Path | None) -> Path | ReplayedFleet | None:
    """The recorded machines, or a folder that is ready to be read; None if there is only the simulator."""
    if profile == MACHINE.name and (data is None or has_machines(data)):
        return ReplayedFleet(data or machine_folder())
    if profile_of(profile) != PACEMAKER and data is None:
        raise ValueError(f"only {PACEMAKER.name}s can be simulated; say with --data where this fleet's data are")
    return data


@contextmanager
def _readable(source: Path | ReplayedFleet | Fleet, days: int) -> Iterator[Path]:
    """A folder of readings and outcomes: `source` itself, or one made for this run."""
    if isinstance(source, Path):
        yield source
        return
    with TemporaryDirectory(prefix="pacewatch-report-") as temporary:
        folder = Path(temporary)
        if isinstance(source, Fleet):
            write(make_dataset(source, days), folder / "readings.parquet")
        else:
            convert(source, folder)
        yield folder


def convert(source: Source, folder: Path) -> None:
    """Write all that `source` reports, to its last day, as `readings` and `outcomes`."""
    lived = list(_lived(source))
    tables = {
        "readings": [row for day in lived for row in reading_rows(source.profile, day.readings)],
        "outcomes": [row for day in lived for row in outcome_rows(source.profile, day.outcomes)],
    }
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / f"{name}.parquet")


def _lived(source: Source) -> Iterator[Day]:
    while True:
        try:
            yield source.step()
        except EOFError:
            return


if __name__ == "__main__":
    typer.run(main)
