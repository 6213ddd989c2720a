"""A recorded fleet as a source of days: machines whose daily readings and failures are tables in a folder."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.day import Day, Outcome, ReadingLog, reading_log

READINGS_TABLE, FAILURES_TABLE, MACHINES_TABLE = "PdM_daily", "PdM_failures", "PdM_machines"
DAYS_PER_YEAR = 365.25  # the record has the age of a machine in whole years, as of its first day
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
"""The recorded columns that give the profile's signals, in the profile's order."""


def machine_folder() -> Path:
    """The folder of recorded machines: PACEWATCH_MACHINE_DATA, or the one in the checkout.

    A package that is not installed from a checkout looks for one in the working directory.
    """
    if named := os.environ.get("PACEWATCH_MACHINE_DATA"):
        return Path(named)
    checkouts = (Path(__file__).parents[5], Path.cwd())
    return next((root / IN_CHECKOUT for root in checkouts if (root / IN_CHECKOUT).is_dir()), IN_CHECKOUT)


def has_machines(folder: Path) -> bool:
    """Whether `folder` holds the daily table of recorded machines."""
    return _has_table(folder, READINGS_TABLE)


class ReplayedFleet:
    """The machines recorded in `folder`, as Parquet or as the published CSV, from their first day on.

    A day's values are known only when it is over: its reading has the timestamp of its last second (UTC) and arrives
    in that second. A failure is reported at the moment it happens. All machines join on the first day, if their
    table is there. Raises FileNotFoundError if another table is missing.
    """

    profile: Profile = MACHINE

    def __init__(self, folder: Path) -> None:
        self._days = _readings_by_day(_read_table(folder, READINGS_TABLE))
        self._failures = _failures_by_day(_read_table(folder, FAILURES_TABLE))
        self.start_s, self.end_s = min(self._days), max(self._days) + SECONDS_PER_DAY
        has_register = _has_table(folder, MACHINES_TABLE)
        self._machines = _machines(_read_table(folder, MACHINES_TABLE), self.start_s) if has_register else ()
        self._next_s = self.start_s

    def step(self) -> Day:
        """The next recorded day; EOFError after the last one."""
        if self._next_s >= self.end_s:
            raise EOFError(f"all {len(self._days)} recorded days were replayed")
        date_s, self._next_s = self._next_s, self._next_s + SECONDS_PER_DAY
        joined = self._machines if date_s == self.start_s else ()
        return Day(date_s, self._days[date_s], self._failures.get(date_s, ()), joined)


def _has_table(folder: Path, name: str) -> bool:
    return any((folder / name).with_suffix(suffix).is_file() for suffix in SUFFIXES)


def _read_table(folder: Path, name: str) -> pl.DataFrame:
    parquet, csv = ((folder / name).with_suffix(suffix) for suffix in SUFFIXES)
    if parquet.is_file():
        return pl.read_parquet(parquet)
    if csv.is_file():
        return pl.read_csv(csv, try_parse_dates=True)
    raise FileNotFoundError(
        f"there is no {name}.parquet or .csv in {folder.absolute()}: run from a checkout of Pacewatch, which has the "
        f"recorded machines in {IN_CHECKOUT}, or name their folder with DATA or PACEWATCH_MACHINE_DATA"
    )


def _readings_by_day(table: pl.DataFrame) -> dict[int, ReadingLog]:
    date_s = pl.col("date").cast(pl.Datetime).dt.epoch("s").alias("date_s")
    table = table.select("machineID", date_s, *COLUMNS).sort("date_s", "machineID")
    return {int(key[0]): _day_readings(part) for key, part in table.group_by("date_s", maintain_order=True)}


def _day_readings(rows: pl.DataFrame) -> ReadingLog:
    timestamp_s = rows["date_s"].to_numpy() + SECONDS_PER_DAY - 1
    values = rows.drop("machineID", "date_s").to_numpy().astype(np.float64)
    return reading_log(MACHINE, rows["machineID"].to_numpy(), timestamp_s, values, timestamp_s)


def _machines(table: pl.DataFrame, start_s: int) -> tuple[dict[str, Any], ...]:
    """Each machine with its model and the day of its installation, by its age on the first day."""
    age_s = (pl.col("age") * DAYS_PER_YEAR * SECONDS_PER_DAY).cast(pl.Int64)
    rows = table.select(
        pl.col("machineID").cast(pl.Int64).alias("device_id"), "model", (start_s - age_s).alias("installed_at")
    )
    return tuple(rows.to_dicts())


def _failures_by_day(table: pl.DataFrame) -> dict[int, tuple[Outcome, ...]]:
    table = table.sort("datetime", "machineID", "failure")
    occurred_at_s = table["datetime"].dt.epoch("s")
    failures: dict[int, tuple[Outcome, ...]] = {}
    for device_id, mode, at_s in zip(table["machineID"], table["failure"], occurred_at_s, strict=True):
        date_s = at_s - at_s % SECONDS_PER_DAY
        outcome = Outcome(device_id, OutcomeKind.FAILURE, at_s, at_s, mode)
        failures[date_s] = (*failures.get(date_s, ()), outcome)
    return failures
