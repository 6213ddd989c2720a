"""The report on a folder: what a user tries the platform with."""

import json

import numpy as np
import polars as pl
import pytest
from unit.ml.fleet import made_up_fleet

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.ml.report import fleet_folder, report
from pacewatch.ml.report.profile_file import profile_of


@pytest.fixture
def data(tmp_path):
    fleet = made_up_fleet(devices=40)
    columns = {"patient_id": fleet.readings.device_ids, "timestamp": fleet.readings.timestamps_s}
    outcomes = pl.DataFrame(
        {"patient_id": fleet.failures.device_ids, "occurred_at": fleet.failures.occurred_at_s, "kind": "failure"}
    )
    tables = {"readings": pl.DataFrame(columns | fleet.readings.signals), "outcomes": outcomes}
    for name, table in tables.items():
        table.write_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def test_duplicates_implausible_readings_and_other_outcomes_are_left_out(tmp_path) -> None:
    good = {"patient_id": 1, "timestamp": 5, "lead_impedance_ohms": 600.0, "capture_threshold_v": 1.0}
    good |= {"r_wave_sensing_mv": 9.0, "battery_voltage_v": 2.8}
    pl.DataFrame([good, good, good | {"timestamp": 6, "battery_voltage_v": 99.0}]).write_csv(tmp_path / "readings.csv")
    outcome = {"patient_id": 1, "occurred_at": "2026-01-02T00:00:00", "kind": "failure", "mode": "fracture"}
    pl.DataFrame([outcome, outcome | {"kind": "lost"}]).write_csv(tmp_path / "outcomes.csv")
    fleet = fleet_folder.read(tmp_path, PACEMAKER)
    assert fleet.left_out == {"duplicates": 1, "implausible": 1}
    assert fleet.failures.occurred_at_s.tolist() == [1_767_312_000]
    assert fleet.failures.modes == ("fracture",)


def test_figures_are_given_for_each_age_and_lead_of_the_devices_told_of(data) -> None:
    ids = np.arange(40)
    implanted_at = pl.Series(made_up_fleet().readings.timestamps_s.min() - ids * 100 * SECONDS_PER_DAY)
    told = pl.DataFrame({"patient_id": ids, "implanted_at": implanted_at, "lead_model": np.where(ids < 20, "A", "B")})
    told.filter(pl.col("patient_id") != 39).write_csv(data / "devices.csv")
    groups = fleet_folder.read(data, PACEMAKER).groups
    assert {name: set(words.tolist()) for name, words in groups.items()} == {
        "lead model": {"A", "B", "not told"},
        "device age": {"age under 90 days", "age under 5 years", "age 5 years or more", "not told"},
    }
    fleet = fleet_folder.read(data, PACEMAKER)
    young = fleet.readings.device_ids[groups["device age"] == "age under 90 days"]
    assert set(young.tolist()) == {0}
    assert len(young) < (fleet.readings.device_ids == 0).sum()  # it grows older


def test_a_missing_column_is_named(tmp_path) -> None:
    pl.DataFrame({"patient_id": [1], "timestamp": [5]}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame({"patient_id": [1], "occurred_at": [5]}).write_csv(tmp_path / "outcomes.csv")
    with pytest.raises(ValueError, match="battery_voltage_v"):
        fleet_folder.read(tmp_path, PACEMAKER)


def test_devices_may_have_names_and_times_may_be_dates(tmp_path) -> None:
    signals = {signal.name: [signal.normal.high] * 3 for signal in PACEMAKER.signals}
    times = ["1970-01-02T00:00:00Z", "1970-01-03T00:00:00Z", "1970-01-02T00:00:00Z"]
    pl.DataFrame({"device_id": ["b", "b", "a"], "timestamp": times, **signals}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame({"device_id": ["b", "z"], "occurred_at": ["1970-01-04"] * 2}).write_parquet(
        tmp_path / "outcomes.parquet"
    )
    fleet = fleet_folder.read(tmp_path, PACEMAKER)
    assert fleet.readings.device_ids.tolist() == [1, 1, 0]
    assert fleet.readings.timestamps_s.tolist() == [SECONDS_PER_DAY, 2 * SECONDS_PER_DAY, SECONDS_PER_DAY]
    assert fleet.failures.device_ids.tolist() == [1, 2]
    assert fleet.failures.occurred_at_s.tolist() == [3 * SECONDS_PER_DAY] * 2


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"device_id": [7], "occurred_at": [1]}, "no device of outcomes"),
        ({"device_id": [1], "occurred_at": [10**12]}, "milliseconds"),
    ],
)
def test_what_teaches_nothing_is_refused(tmp_path, outcome, said) -> None:
    signals = {signal.name: [signal.normal.high] for signal in PACEMAKER.signals}
    pl.DataFrame({"device_id": [1], "timestamp": [1], **signals}).write_csv(tmp_path / "readings.csv")
    pl.DataFrame(outcome).write_csv(tmp_path / "outcomes.csv")
    with pytest.raises(ValueError, match=said):
        fleet_folder.read(tmp_path, PACEMAKER)


def test_an_empty_folder_gives_one_sentence_and_exit_code_1(tmp_path, capsys) -> None:
    assert report.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds no readings.parquet" in capsys.readouterr().err


HEADS = ",".join(["patient_id", "timestamp", *PACEMAKER.signal_names])


@pytest.mark.parametrize("content", [f"{HEADS}\nx,yesterday,1,1,1,1\n".encode(), b"\x00\xff PAR1"])
def test_a_file_that_is_no_table_of_readings_gives_one_sentence(data, tmp_path, capsys, content) -> None:
    (data / "readings.parquet").unlink()
    (data / "readings.csv").write_bytes(content)
    assert report.main(["--data", str(data), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("no report: ")


def test_the_report_ends_with_one_line_of_json_and_leaves_figures_and_plots(data, tmp_path, capsys) -> None:
    assert report.main(["--data", str(data), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out.strip().splitlines()
    last = json.loads(printed[-1])
    assert set(last) == {
        "rows", "events", "auroc", "pr_auc", "caught", "caught_rule", "lead_days", "alerts_per_100_patient_months",
        "budget",
    }  # fmt: skip
    assert last["auroc"] > 0.9
    assert any(line.startswith("ROC-AUC") and "[" in line for line in printed)
    assert any(line.startswith("left out: 0 duplicates, 0 implausible; not trained on") for line in printed)
    written = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"report.json", "precision_recall.png", "alerts.png", "reliability.png"}
    assert all(size > 1_000 for size in written.values())


YAML = """
name: pump
device_noun: pump
device_field: pump_id
signals:
  - {name: flow_l_min, label: flow, unit: l/min, plausible: [0, 100], normal: [10, 20]}
required_features:
  - {kinds: [RollingMean, DeltaPerDay], signals: [flow_l_min], days: [3, 7]}
label: {name: fails, horizon_days: 7}
"""


def test_a_profile_may_be_yaml(tmp_path) -> None:
    (tmp_path / "pump.yaml").write_text(YAML)
    profile = profile_of(str(tmp_path / "pump.yaml"))
    assert profile.predictors[:2] == ("flow_l_min", "flow_l_min_rolling_mean_3d")
    assert profile.signal("flow_l_min").normal.high == 20


def test_a_profile_needs_only_its_device_field_and_signals(tmp_path) -> None:
    signal = "{name: flow_l_min, unit: l/min, plausible: [0, 9], normal: [1, 2]}"
    (tmp_path / "pump.yaml").write_text(f"name: pump\ndevice_field: pump_id\nsignals: [{signal}]")
    profile = profile_of(str(tmp_path / "pump.yaml"))
    names = ("rolling_mean_3d", "rolling_mean_7d", "delta_per_day_3d", "delta_per_day_7d")
    assert profile.predictors == ("flow_l_min", *(f"flow_l_min_{name}" for name in names))
    assert (profile.label.horizon_days, profile.signals[0].label) == (7, "flow l min")


def test_a_profile_may_be_python(tmp_path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("from pacewatch.contracts.profiles.machine import MACHINE as MINE\n")
    assert profile_of(str(path)) == MACHINE


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("label: {", "labels: {", "labels: Extra inputs"),
        (
            "unit: l/min, plausible: [0, 100]",
            "plausible: [100, 0]",
            r"0.unit: Field required; .*0.plausible: .*\[low, high",
        ),
        ("[RollingMean,", "[Mean,", "must be one of RollingMean"),
        ("signals: [flow_l_min]", "signals: [flow]", "not there: flow"),
        ("name: pump", "[", "no YAML"),
    ],
)
def test_all_that_is_wrong_with_a_profile_is_said(tmp_path, good, bad, said) -> None:
    (tmp_path / "pump.yaml").write_text(YAML.replace(good, bad))
    with pytest.raises(ValueError, match=said):
        profile_of(str(tmp_path / "pump.yaml"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(LookupError, match="pacemaker, machine"):
        profile_of("toaster")
