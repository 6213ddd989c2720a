"""A recorded fleet with the face of a simulated one: machines whose days and failures are in a folder."""

import os
from pathlib import Path

import numpy as np
import polars as pl

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.day import Day, Outcome, Readings, readings_from

READINGS_TABLE, FAILURES_TABLE = "PdM_daily", "PdM_failures"
SUFFIXES = (".parquet", ".csv")
IN_CHECKOUT = Path("tests/files/machines")
ERRORS = ("error1", "error2", "error3", "error4", "error5")
REPLACED = ("comp1", "comp2", "comp3", "comp4")
"""Components replaced on a day. The record's comp1_failure to comp4_failure are outcomes and never signals."""

_DAY = pl.int_range(pl.len()).over("machineID", order_by="date")
_LAST_SERVICE = pl.when(pl.any_horizontal(pl.col(*REPLACED) > 0)).then(_DAY).forward_fill()
COLUMNS = (
    pl.col("mean_daily_voltage"),
    pl.col("mean_daily_rotation"),
    pl.col("mean_daily_pressure"),
    pl.col("mean_daily_vibration"),
    pl.sum_horizontal(ERRORS).alias("errors"),
    # Days since any component was last replaced; before the first replacement on record, days since the record began.
    (_DAY - _LAST_SERVICE.over("machineID", order_by="date").fill_null(0)).alias("since_service"),
)
"""What the record has for the profile's signals, in the profile's order."""


def machine_folder() -> Path:
    """The folder of recorded machines: PACEWATCH_MACHINE_DATA, or the one that comes with the checkout.

    A package that is not installed from a checkout looks for one in the working directory.
    """
    if named := os.environ.get("PACEWATCH_MACHINE_DATA"):
        return Path(named)
    checkouts = (Path(__file__).parents[4], Path.cwd())
    return next((root / IN_CHECKOUT for root in checkouts if (root / IN_CHECKOUT).is_dir()), IN_CHECKOUT)


def has_machines(folder: Path) -> bool:
    """Whether `folder` holds the daily table of recorded machines."""
    return any((folder / READINGS_TABLE).with_suffix(suffix).is_file() for suffix in SUFFIXES)


class ReplayedFleet:
    """The machines recorded in `folder`, as Parquet or as the published CSV, from their first day on.

    What a day was like is known only when it is over: its reading is stamped, and arrives, in its last second (UTC).
    A failure is reported at the moment it happens. Raises FileNotFoundError if the folder lacks a table.
    """

    profile: Profile = MACHINE

    def __init__(self, folder: Path) -> None:
        self._days = _readings_by_day(_read(folder, READINGS_TABLE))
        self._failures = _failures_by_day(_read(folder, FAILURES_TABLE))
        self.start_s, self.end_s = min(self._days), max(self._days) + SECONDS_PER_DAY
        self._next_s = self.start_s

    def step(self) -> Day:
        """The next recorded day; EOFError after the last one."""
        if self._next_s >= self.end_s:
            raise EOFError(f"all {len(self._days)} recorded days were replayed")
        date_s, self._next_s = self._next_s, self._next_s + SECONDS_PER_DAY
        return Day(date_s, self._days[date_s], self._failures.get(date_s, ()))


def _read(folder: Path, name: str) -> pl.DataFrame:
    parquet, csv = ((folder / name).with_suffix(suffix) for suffix in SUFFIXES)
    if parquet.is_file():
        return pl.read_parquet(parquet)
    if csv.is_file():
        return pl.read_csv(csv, try_parse_dates=True)
    raise FileNotFoundError(
        f"there is no {name}.parquet or .csv in {folder.absolute()}: run from a checkout of Pacewatch, which has the "
        f"recorded machines in {IN_CHECKOUT}, or name their folder with DATA or PACEWATCH_MACHINE_DATA"
    )


def _readings_by_day(table: pl.DataFrame) -> dict[int, Readings]:
    date_s = pl.col("date").cast(pl.Datetime).dt.epoch("s").alias("date_s")
    table = table.select("machineID", date_s, *COLUMNS).sort("date_s", "machineID")
    return {int(key[0]): _readings(part) for key, part in table.group_by("date_s", maintain_order=True)}


def _readings(rows: pl.DataFrame) -> Readings:
    stamp_s = rows["date_s"].to_numpy() + SECONDS_PER_DAY - 1
    values = rows.drop("machineID", "date_s").to_numpy().astype(np.float64)
    return readings_from(MACHINE, rows["machineID"].to_numpy(), stamp_s, values, stamp_s)


def _failures_by_day(table: pl.DataFrame) -> dict[int, tuple[Outcome, ...]]:
    table = table.sort("datetime", "machineID", "failure")
    stamps_s = table["datetime"].dt.epoch("s")
    failures: dict[int, tuple[Outcome, ...]] = {}
    for machine, mode, at_s in zip(table["machineID"], table["failure"], stamps_s, strict=True):
        date_s = at_s - at_s % SECONDS_PER_DAY
        outcome = Outcome(machine, OutcomeKind.FAILURE, at_s, at_s, mode)
        failures[date_s] = (*failures.get(date_s, ()), outcome)
    return failures
