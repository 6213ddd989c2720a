"""A replayed fleet returns every recorded reading and failure once, on its day."""

import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.day import Day
from pacewatch.simulator.sources.replay import ReplayedFleet, machine_folder

PUBLISHED_SHA256 = {
    "PdM_daily": "8c116ad98e219518d3e793d24b201cc56c839934179016298f5fa30537bb10bc",
    "PdM_errors": "cac89ab96e3d79f49bd00bed36786674d24fe6764a44f84aa9c7e38ed772a9be",
    "PdM_failures": "402bac3af496fcc2879037f2b1ee5580cac806641fb22768b490af82e29692aa",
    "PdM_machines": "d366c9586e82cbfdef16d3d2d3c0cc78555fd4a712406ede7943cb69c8b1af6c",
    "PdM_maint": "8473116dff9cf6758c2127d99056871f2c2d873c2d408daad7dfcf4e4c870f83",
}
"""Of the published CSV files without their quotation marks, which enclose text only."""


@pytest.fixture(scope="module")
def record(machine_data: Path) -> list[Day]:
    fleet = ReplayedFleet(machine_data)
    return [fleet.step() for _ in range(366)]


def test_the_record_has_36600_readings_and_761_failures(record: list[Day]) -> None:
    assert sum(len(day.readings) for day in record) == 36_600
    failures = [outcome for day in record for outcome in day.outcomes]
    assert len(failures) == len(set(failures)) == 761
    assert {outcome.mode for outcome in failures} == {"comp1", "comp2", "comp3", "comp4"}


def test_a_reading_is_measured_and_received_in_the_last_second_of_its_day(record: list[Day]) -> None:
    for before, day in pairwise(record):
        assert day.date_s == before.end_s
    for day in record:
        assert np.all(day.readings["timestamp_s"] == day.end_s - 1)
        assert np.all(day.readings["received_s"] == day.end_s - 1)


def test_a_failure_is_reported_on_the_day_it_happens(record: list[Day]) -> None:
    for day in record:
        for outcome in day.outcomes:
            assert day.date_s <= outcome.occurred_at_s == outcome.learnt_at_s < day.end_s


def test_signals_have_the_recorded_values_under_the_profiles_names(record: list[Day], machine_data: Path) -> None:
    first = pl.read_parquet(machine_data / "PdM_daily.parquet", n_rows=1)
    columns = ["mean_daily_voltage", "mean_daily_rotation", "mean_daily_pressure", "mean_daily_vibration"]
    reading = record[0].readings[0]
    assert reading["device_id"] == first["machineID"][0]
    assert [reading[name] for name in MACHINE.signal_names[:4]] == [first[column][0] for column in columns]
    for day in record:
        for signal in MACHINE.signals:
            assert day.readings[signal.name].min() >= signal.plausible.low
            assert day.readings[signal.name].max() <= signal.plausible.high


def test_errors_of_a_day_and_days_since_service_match_the_record(record: list[Day], machine_data: Path) -> None:
    rows = pl.read_parquet(machine_data / "PdM_daily.parquet").sort("machineID", "date").to_dicts()
    expected, since = {}, 0
    for before, row in zip([None, *rows], rows, strict=False):
        new = before is None or before["machineID"] != row["machineID"]
        replaced = any(row[f"comp{number}"] for number in range(1, 5))
        since = 0 if new or replaced else since + 1
        expected[row["machineID"], str(row["date"])] = (sum(row[f"error{number}"] for number in range(1, 6)), since)
    errors, since_service = MACHINE.signal_names[4:]
    seen = {
        (int(reading["device_id"]), str(np.datetime64(day.date_s, "s"))[:10]): (reading[errors], reading[since_service])
        for day in record
        for reading in day.readings
    }
    assert seen == expected


@pytest.mark.parametrize("name", PUBLISHED_SHA256)
def test_the_tables_equal_the_published_ones_to_the_last_digit(machine_data: Path, name: str) -> None:
    table = pl.read_parquet(machine_data / f"{name}.parquet")
    text = table.write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
    assert hashlib.sha256(text.encode()).hexdigest() == PUBLISHED_SHA256[name]


def test_a_folder_of_the_published_csv_tables_gives_the_same_fleet(machine_data: Path, tmp_path: Path) -> None:
    for name in ("PdM_daily", "PdM_failures", "PdM_machines"):
        pl.read_parquet(machine_data / f"{name}.parquet").write_csv(
            tmp_path / f"{name}.csv", datetime_format="%Y-%m-%d %H:%M:%S"
        )
    published, packed = ReplayedFleet(tmp_path), ReplayedFleet(machine_data)
    for _ in range(366):
        one, other = published.step(), packed.step()
        assert one.date_s == other.date_s
        assert (one.outcomes, one.devices) == (other.outcomes, other.devices)
        assert one.readings.dtype == other.readings.dtype
        assert np.array_equal(one.readings, other.readings)


def test_the_default_folder_is_in_the_checkout_and_a_variable_overrides_it(
    machine_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PACEWATCH_MACHINE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert machine_folder() == machine_data
    monkeypatch.setenv("PACEWATCH_MACHINE_DATA", str(tmp_path))
    assert machine_folder() == tmp_path


def test_the_error_for_a_missing_table_names_it_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no PdM_daily\.parquet or \.csv in .*PACEWATCH_MACHINE_DATA"):
        ReplayedFleet(tmp_path)


def test_the_recorded_failure_columns_are_not_read_as_signals(machine_data: Path, tmp_path: Path) -> None:
    outcomes = [f"comp{number}_failure" for number in range(1, 5)]
    daily, failures = (pl.read_parquet(machine_data / f"{name}.parquet") for name in ("PdM_daily", "PdM_failures"))
    daily.drop(outcomes).write_parquet(tmp_path / "PdM_daily.parquet")
    failures.write_parquet(tmp_path / "PdM_failures.parquet")
    without, recorded = ReplayedFleet(tmp_path), ReplayedFleet(machine_data)
    for _ in range(30):
        assert np.array_equal(without.step().readings, recorded.step().readings)


def test_every_machine_joins_once_with_its_model_and_the_day_of_its_installation(machine_data: Path) -> None:
    fleet = ReplayedFleet(machine_data)
    devices = fleet.step().devices
    assert not fleet.step().devices
    assert [device["device_id"] for device in devices] == list(range(1, 101))
    assert (devices[0]["model"], devices[1]["model"]) == ("model3", "model4")
    years = [(fleet.start_s - device["installed_at"]) / (365.25 * 86_400) for device in devices[:3]]
    assert years == pytest.approx([18, 7, 8])


def test_step_after_the_last_day_raises_eof_error(machine_data: Path) -> None:
    fleet = ReplayedFleet(machine_data)
    for _ in range(366):
        fleet.step()
    with pytest.raises(EOFError, match="all 366 recorded days"):
        fleet.step()
