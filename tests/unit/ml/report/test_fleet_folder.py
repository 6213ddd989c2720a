"""A recorded fleet is read from a folder."""

import numpy as np
import polars as pl
import pytest
import yaml
from unit.ml.fleet import made_up_fleet
from unit.ml.report.yaml_profile import YAML

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.kit.tables.errors import ColumnsInvalid, FileUnreadable
from pacewatch.ml.report import fleet_folder
from pacewatch.ml.report.profile_file import from_mapping
from pacewatch.ml.training.groups import groups_of


def test_duplicates_implausible_readings_and_other_outcomes_are_left_out(tmp_path) -> None:
    good = {"patient_id": 1, "timestamp": 1_700_000_000, "lead_impedance_ohms": 600.0, "capture_threshold_v": 1.0}
    good |= {"r_wave_sensing_mv": 9.0, "battery_voltage_v": 2.8}
    pl.DataFrame([good, good, good | {"timestamp": 1_700_000_001, "battery_voltage_v": 99.0}]).write_csv(
        tmp_path / "readings.csv"
    )
    outcome = {"patient_id": 1, "occurred_at": "2026-01-02T00:00:00", "kind": "failure", "mode": "fracture"}
    pl.DataFrame([outcome, outcome | {"kind": "lost"}]).write_csv(tmp_path / "outcomes.csv")
    fleet = fleet_folder.read(tmp_path, PACEMAKER)
    assert fleet.left_out == {"duplicates": 1, "implausible": 1}
    assert fleet.failures.occurred_at_s.tolist() == [1_767_312_000]
    assert fleet.failures.modes == ("fracture",)


def test_readings_are_grouped_by_the_age_and_lead_model_of_their_device(data) -> None:
    ids = np.arange(40)
    implanted_at = pl.Series(made_up_fleet().readings.timestamps_s.min() - ids * 100 * SECONDS_PER_DAY)
    devices = pl.DataFrame(
        {"patient_id": ids, "implanted_at": implanted_at, "lead_model": np.where(ids < 20, "A", "B")}
    )
    devices.filter(pl.col("patient_id") != 39).write_csv(data / "devices.csv")
    fleet = fleet_folder.read(data, PACEMAKER)
    groups = groups_of(PACEMAKER, fleet.register, fleet.readings)
    assert {name: set(values.tolist()) for name, values in groups.items()} == {
        "lead model": {"A", "B", "not given"},
        "device age": {"age under 90 days", "age 90 days to 5 years", "age 5 years or more", "not given"},
    }
    young = fleet.readings.device_ids[groups["device age"] == "age under 90 days"]
    assert set(young.tolist()) == {0}
    assert len(young) < (fleet.readings.device_ids == 0).sum()  # it gets older


def test_a_device_may_have_several_rows_each_from_a_moment_on(data) -> None:
    readings = made_up_fleet().readings
    changed_s = int(np.median(readings.timestamps_s))
    rows = {"patient_id": [0, 0], "valid_from": [None, changed_s], "lead_model": ["A", "B"], "colour": ["red", None]}
    pl.DataFrame(rows).with_columns(pl.col("valid_from").fill_null(0)).write_csv(data / "devices.csv")
    fleet = fleet_folder.read(data, PACEMAKER)
    groups = groups_of(PACEMAKER, fleet.register, fleet.readings)
    own, later = fleet.readings.device_ids == 0, fleet.readings.timestamps_s >= changed_s
    assert set(groups["lead model"][own & ~later]) == {"A"}
    assert set(groups["lead model"][own & later]) == {"B"}
    assert set(groups["colour"][own]) == {"red"}  # a text that the profile does not have is a grouping, too
    assert set(groups["lead model"][~own]) == {"not given"}


def test_a_missing_column_is_named(tmp_path) -> None:
    pl.DataFrame({"patient_id": [1], "timestamp": [5]}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame({"patient_id": [1], "occurred_at": [5]}).write_csv(tmp_path / "outcomes.csv")
    with pytest.raises(ColumnsInvalid, match="battery_voltage_v"):
        fleet_folder.read(tmp_path, PACEMAKER)


def test_devices_may_have_names_and_times_may_be_dates(tmp_path) -> None:
    signals = {signal.name: [signal.normal.high] * 3 for signal in PACEMAKER.signals}
    times = ["2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z", "2020-01-02T00:00:00Z"]
    pl.DataFrame({"device_id": ["b", "b", "a"], "timestamp": times, **signals}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame({"device_id": ["b", "z"], "occurred_at": ["2020-01-04"] * 2}).write_parquet(
        tmp_path / "outcomes.parquet"
    )
    fleet = fleet_folder.read(tmp_path, PACEMAKER)
    first_s = 1_577_923_200
    assert [fleet.names[one] for one in fleet.readings.device_ids.tolist()] == ["a", "b", "b"]
    assert fleet.readings.timestamps_s.tolist() == [first_s, first_s, first_s + SECONDS_PER_DAY]
    assert [fleet.names[one] for one in fleet.failures.device_ids.tolist()] == ["b", "z"]
    assert fleet.failures.occurred_at_s.tolist() == [first_s + 2 * SECONDS_PER_DAY] * 2


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ({"device_id": [7], "occurred_at": [1]}, "no device of outcomes"),
        ({"device_id": [1], "occurred_at": [10**12]}, "milliseconds"),
    ],
)
def test_outcomes_that_match_no_reading_are_refused(tmp_path, outcome, message) -> None:
    signals = {signal.name: [signal.normal.high] for signal in PACEMAKER.signals}
    pl.DataFrame({"device_id": [1], "timestamp": [1_700_000_000], **signals}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame(outcome).write_csv(tmp_path / "outcomes.csv")
    with pytest.raises((ValueError, FileUnreadable), match=message):
        fleet_folder.read(tmp_path, PACEMAKER)


def test_attributes_that_the_devices_file_has_not_and_values_that_no_model_knows_are_named(tmp_path) -> None:
    profile = from_mapping(yaml.safe_load(YAML))
    pl.DataFrame({"pump_id": [1, 2], "timestamp": [1_700_000_000] * 2, "flow_l_min": [15.0, 16.0]}).write_csv(
        tmp_path / "readings.csv"
    )
    pl.DataFrame({"pump_id": [1], "occurred_at": [1_700_100_000]}).write_csv(tmp_path / "outcomes.csv")
    pl.DataFrame(
        {"pump_id": [1, 2], "instaled_at": ["2020-01-01"] * 2, "model": ["A", "Z"], "site": ["Oslo", None]}
    ).write_csv(tmp_path / "devices.csv")
    findings = fleet_folder.read(tmp_path, profile).findings
    assert (
        "devices.csv: no value of installed_at, and the profile does not know the column instaled_at: "
        "is one the other, spelled otherwise?"
    ) in findings
    assert "devices.csv: 1 values of model are none of A, B, and unknown to the model: Z (1)" in findings
    pl.DataFrame({"pump_id": [1], "installed_at": ["2020-01-01"], "model": ["A"], "site": ["x"]}).write_csv(
        tmp_path / "devices.csv"
    )
    again = fleet_folder.read(tmp_path, profile).findings
    assert not [one for one in again if "no value" in one or "none of" in one]
