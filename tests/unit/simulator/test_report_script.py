"""The report on a fleet: a folder as it is, the recorded machines as published, or a simulation."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "pipelines" / "report.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


def test_the_recorded_machines_are_converted_first_and_their_failures_are_found(tmp_path: Path) -> None:
    done = run("--profile", "machine", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["rows"], last["budget"]) == (36_600, 0.15)
    assert last["auroc"] >= 0.88
    assert last["caught"] > last["caught_rule"]


def test_without_data_a_fleet_is_simulated(tmp_path: Path) -> None:
    done = run("--devices", "60", "--days", "150", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["rows"] > 7_000
    assert (tmp_path / "report.json").is_file()


def test_another_fleet_needs_data(tmp_path: Path) -> None:
    profile = tmp_path / "pump.yaml"
    signal = "{name: flow_l_min, unit: l/min, plausible: [0, 100], normal: [10, 20]}"
    profile.write_text(f"name: pump\ndevice_field: pump_id\nsignals:\n  - {signal}\n")
    done = run("--profile", str(profile))
    assert done.returncode == 2
    assert "only pacemakers can be simulated" in done.stderr


def test_a_missing_folder_of_machines_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_MACHINE_DATA", str(tmp_path / "none"))
    done = run("--profile", "machine")
    assert done.returncode == 2
    assert "PACEWATCH_MACHINE_DATA" in done.stderr
