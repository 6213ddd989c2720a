"""Train and evaluate a model on recorded data, without servers: a report before the platform is installed.

Your own data: a folder with readings and outcomes as Parquet or CSV, and a profile of the fleet in YAML or Python:

    python pipelines/report.py --profile mine.yaml --data FOLDER

The minimal mine.yaml (libs/ml/src/pacewatch/ml/report/profile_file.py has the other fields):

    name: pump
    device_field: pump_id
    signals:
      - {name: flow_l_min, unit: l/min, plausible: [0, 100], normal: [10, 20]}

The recorded machines (of the checkout, or of the folder --data), or a simulated fleet of pacemakers:

    python pipelines/report.py --profile machine
    python pipelines/report.py --enrich 1

How to read it:

 1. Look at the judged failures of all origins first. Below 5 the report
    claims nothing; below 30 rely on the intervals in brackets only.
 2. Compare "failures caught" with the hand rule, which has the same alert
    budget: a model that does not beat it is not worth its maintenance.
 3. Look at each failure mode. One easy mode (a battery that runs down) makes
    all figures look good: read the modes, and the figures without the most
    frequent one.
 4. ROC-AUC is .5 for chance and .85 to .92 in published results of real
    fleets. Above .99 look for readings that leak the outcome.
 5. Accuracy means little where failures are rare. Alerts per 100
    device-months say how much work the clinic will have.
 6. Another fleet of the same kind gives other figures: try --seed.

FOLDER holds, each as .parquet or .csv:

    readings   the profile's device field, timestamp (Unix seconds or a
               date), one column a signal; devices: numbers or names
    outcomes   the device, occurred_at; if known: kind (failure if absent)
               and mode
    devices    optional: the device, the attributes of the profile (a date as
               Unix seconds or a date), and text columns such as lead_model;
               the report has figures for each text and for the device age
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
from pacewatch.ml.report import report
from pacewatch.ml.report.profile_file import profile_of
from pacewatch.simulator.day import Day, Source
from pacewatch.simulator.devices.regimes import REGIMES
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.dataset import make_dataset, write_dataset
from pacewatch.simulator.sources.replay import ReplayedFleet, has_machines, machine_folder
from pacewatch.simulator.sources.rows import device_rows, outcome_rows, reading_rows

DEVICES: Final = 2_500
DAYS: Final = 420
ENRICH: Final = 8.0
SEED: Final = 7
COMPARED_AT: Final = 0.01
"""The alert budget at which figures of simulated fleets are compared; pacemakers have a smaller one in service."""
REGIME_HELP: Final = f"a simulated change of the fleet, repeatable: {', '.join(REGIMES)}"
START_S: Final = int(datetime(2018, 1, 1, tzinfo=UTC).timestamp())


def main(
    profile: Annotated[str, typer.Option(help="pacemaker, machine, or a .yaml or .py file")] = PACEMAKER.name,
    data: Annotated[Path | None, typer.Option(help="the fleet's folder; default: simulated or recorded")] = None,
    out: Annotated[Path, typer.Option(help="folder for report.json and the curves")] = Path("reports"),
    devices: Annotated[int, typer.Option(min=1, help="number of simulated devices")] = DEVICES,
    days: Annotated[int, typer.Option(min=1, help="number of simulated days")] = DAYS,
    enrich: Annotated[float, typer.Option(min=0, help="multiplies simulated failures; 1 is realistic")] = ENRICH,
    seed: Annotated[int, typer.Option(min=0, help="seed of the simulated fleet")] = SEED,
    budget: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="share of devices alerted on a day; default: the profile's, simulated: .01"),
    ] = None,
    regime: Annotated[list[str] | None, typer.Option(help=REGIME_HELP)] = None,
    delimiter: Annotated[str, typer.Option(help="what separates the columns of your CSV files")] = ",",
    decimal: Annotated[str, typer.Option(help="the decimal sign of your CSV files")] = ".",
    time_format: Annotated[str, typer.Option(help="of times that are no ISO 8601, such as '%d/%m/%Y %H:%M'")] = "",
) -> None:
    try:
        source = _source(profile, data) or Fleet(devices, START_S, enrich, seed, frozenset(regime or ()))
    except (LookupError, ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from None
    with _data_folder(source, days) as folder:
        arguments = ["--profile", profile, "--data", str(folder), "--out", str(out)]
        arguments += [f"--delimiter={delimiter}", f"--decimal={decimal}", f"--time-format={time_format}"]
        if budget is None and isinstance(source, Fleet):
            budget = COMPARED_AT
        code = report.main(arguments + ([] if budget is None else ["--budget", str(budget)]))
    raise typer.Exit(code)


main.__doc__ = __doc__


def _source(profile: str, data: Path | None) -> Path | ReplayedFleet | None:
    """The recorded machines, or a folder in the report's own format; None if the fleet is to be simulated."""
    if profile == MACHINE.name and (data is None or has_machines(data)):
        return ReplayedFleet(data or machine_folder())
    if profile_of(profile) != PACEMAKER and data is None:
        raise ValueError(f"only {PACEMAKER.name}s can be simulated; give this fleet's folder with --data")
    return data


@contextmanager
def _data_folder(source: Path | ReplayedFleet | Fleet, days: int) -> Iterator[Path]:
    """A folder of readings and outcomes: `source` itself, or a temporary one written from it."""
    if isinstance(source, Path):
        yield source
        return
    with TemporaryDirectory(prefix="pacewatch-report-") as temporary:
        folder = Path(temporary)
        if isinstance(source, Fleet):
            write_dataset(make_dataset(source, days), folder / "readings.parquet")
        else:
            write_days(source, folder)
        yield folder


def write_days(source: Source, folder: Path) -> None:
    """Write all that `source` gives, to its last day, as the tables `readings`, `outcomes` and `devices`."""
    days = list(_all_days(source))
    tables = {
        "readings": [row for day in days for row in reading_rows(source.profile, day.readings)],
        "outcomes": [row for day in days for row in outcome_rows(source.profile, day.outcomes)],
        "devices": [row for day in days for row in device_rows(source.profile, day.devices)],
    }
    for name, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / f"{name}.parquet")


def _all_days(source: Source) -> Iterator[Day]:
    while True:
        try:
            yield source.step()
        except EOFError:
            return


if __name__ == "__main__":
    typer.run(main)
