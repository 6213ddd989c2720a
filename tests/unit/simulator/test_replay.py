"""The recorded machines come back whole: every reading and every failure, each once, on its day."""

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.sources.day import Day
from pacewatch.simulator.sources.replay import ReplayedFleet


@pytest.fixture(scope="module")
def record(machine_data: Path) -> list[Day]:
    fleet = ReplayedFleet(machine_data)
    return [fleet.step() for _ in range(366)]


def test_the_record_has_36600_readings_and_761_failures(record: list[Day]) -> None:
    assert sum(len(day.readings) for day in record) == 36_600
    failures = [outcome for day in record for outcome in day.outcomes]
    assert len(failures) == len(set(failures)) == 761
    assert {outcome.mode for outcome in failures} == {"comp1", "comp2", "comp3", "comp4"}


def test_a_reading_is_stamped_and_arrives_in_the_last_second_of_its_day(record: list[Day]) -> None:
    for before, day in pairwise(record):
        assert day.date_s == before.end_s
    for day in record:
        assert np.all(day.readings["timestamp_s"] == day.end_s - 1)
        assert np.all(day.readings["received_s"] == day.end_s - 1)


def test_a_failure_is_told_on_the_day_it_happens(record: list[Day]) -> None:
    for day in record:
        for outcome in day.outcomes:
            assert day.date_s <= outcome.occurred_at_s == outcome.learnt_at_s < day.end_s


def test_signals_carry_the_recorded_values_under_the_profiles_names(record: list[Day], machine_data: Path) -> None:
    first = pl.read_csv(machine_data / "PdM_daily.csv", n_rows=1)
    columns = ["mean_daily_voltage", "mean_daily_rotation", "mean_daily_pressure", "mean_daily_vibration"]
    reading = record[0].readings[0]
    assert reading["device_id"] == first["machineID"][0]
    assert [reading[name] for name in MACHINE.signal_names[:4]] == [first[column][0] for column in columns]
    for day in record:
        for signal in MACHINE.signals:
            assert day.readings[signal.name].min() >= signal.plausible.low
            assert day.readings[signal.name].max() <= signal.plausible.high


def test_errors_of_a_day_and_days_since_service_follow_the_record(record: list[Day], machine_data: Path) -> None:
    rows = pl.read_csv(machine_data / "PdM_daily.csv").sort("machineID", "date").to_dicts()
    expected, since = {}, 0
    for before, row in zip([None, *rows], rows, strict=False):
        new = before is None or before["machineID"] != row["machineID"]
        replaced = any(row[f"comp{number}"] for number in range(1, 5))
        since = 0 if new or replaced else since + 1
        expected[row["machineID"], row["date"]] = (sum(row[f"error{number}"] for number in range(1, 6)), since)
    errors, since_service = MACHINE.signal_names[4:]
    seen = {
        (int(reading["device_id"]), str(np.datetime64(day.date_s, "s"))[:10]): (reading[errors], reading[since_service])
        for day in record
        for reading in day.readings
    }
    assert seen == expected


def test_what_failed_is_not_read_as_a_signal(machine_data: Path, tmp_path: Path) -> None:
    for name in ("PdM_daily.csv", "PdM_failures.csv"):
        shutil.copy(machine_data / name, tmp_path)
    outcomes = [f"comp{number}_failure" for number in range(1, 5)]
    pl.read_csv(machine_data / "PdM_daily.csv").drop(outcomes).write_csv(tmp_path / "PdM_daily.csv")
    without, recorded = ReplayedFleet(tmp_path), ReplayedFleet(machine_data)
    for _ in range(30):
        assert np.array_equal(without.step().readings, recorded.step().readings)


def test_after_the_last_day_there_is_no_other(machine_data: Path) -> None:
    fleet = ReplayedFleet(machine_data)
    for _ in range(366):
        fleet.step()
    with pytest.raises(EOFError, match="all 366 recorded days"):
        fleet.step()
