"""A recorded fleet with the face of a simulated one: machines whose daily means and failures are in a folder."""

from pathlib import Path

import numpy as np
import polars as pl

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.day import Day, Outcome, Readings, readings_from

READINGS_FILE, FAILURES_FILE = "PdM_daily.csv", "PdM_failures.csv"
COLUMNS = ("mean_daily_voltage", "mean_daily_rotation", "mean_daily_pressure", "mean_daily_vibration")
"""The record's names for the profile's signals, in the profile's order."""


class ReplayedFleet:
    """The machines recorded in `folder`, from their first day on.

    A daily mean is known only when its day is over: it is stamped, and arrives, in the last second of its day (UTC).
    A failure is reported at the moment it happens. Raises FileNotFoundError if the folder lacks a file.
    """

    profile: Profile = MACHINE

    def __init__(self, folder: Path) -> None:
        self._days = _readings_by_day(folder / READINGS_FILE)
        self._failures = _failures_by_day(folder / FAILURES_FILE)
        self.start_s, self.end_s = min(self._days), max(self._days) + SECONDS_PER_DAY
        self._next_s = self.start_s

    def step(self) -> Day:
        """The next recorded day; EOFError after the last one."""
        if self._next_s >= self.end_s:
            raise EOFError(f"all {len(self._days)} recorded days were replayed")
        date_s, self._next_s = self._next_s, self._next_s + SECONDS_PER_DAY
        return Day(date_s, self._days[date_s], self._failures.get(date_s, ()))


def _readings_by_day(path: Path) -> dict[int, Readings]:
    table = pl.read_csv(path, try_parse_dates=True, columns=["machineID", "date", *COLUMNS])
    table = table.with_columns(date_s=pl.col("date").cast(pl.Datetime).dt.epoch("s")).sort("date_s", "machineID")
    return {int(key[0]): _readings(part) for key, part in table.group_by("date_s", maintain_order=True)}


def _readings(rows: pl.DataFrame) -> Readings:
    stamp_s = rows["date_s"].to_numpy() + SECONDS_PER_DAY - 1
    values = rows.select(COLUMNS).to_numpy().astype(np.float64)
    return readings_from(MACHINE, rows["machineID"].to_numpy(), stamp_s, values, stamp_s)


def _failures_by_day(path: Path) -> dict[int, tuple[Outcome, ...]]:
    table = pl.read_csv(path, try_parse_dates=True).sort("datetime", "machineID", "failure")
    stamps_s = table["datetime"].dt.epoch("s")
    failures: dict[int, tuple[Outcome, ...]] = {}
    for machine, mode, at_s in zip(table["machineID"], table["failure"], stamps_s, strict=True):
        date_s = at_s - at_s % SECONDS_PER_DAY
        outcome = Outcome(machine, OutcomeKind.FAILURE, at_s, at_s, mode)
        failures[date_s] = (*failures.get(date_s, ()), outcome)
    return failures
