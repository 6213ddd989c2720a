"""report.py reads a folder, the recorded machines, or a simulated fleet."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "pipelines" / "report.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.early
def test_the_recorded_machines_are_converted_and_the_model_beats_the_hand_rule(tmp_path: Path) -> None:
    done = run("--profile", "machine", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["rows"], last["budget"]) == (36_600, 0.15)
    assert last["auroc"] >= 0.88
    assert last["caught"] > last["caught_rule"]


def test_a_fleet_is_simulated_without_data(tmp_path: Path) -> None:
    done = run("--devices", "60", "--days", "150", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["rows"] > 7_000
    assert last["budget"] == 0.01
    assert (tmp_path / "report.json").is_file()


def test_a_budget_that_is_no_share_is_refused_in_words(tmp_path: Path) -> None:
    done = run("--devices", "5", "--days", "5", "--budget", "0", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "--budget is a share of devices, above 0 and below 1: 0 is not" in done.stderr


def test_the_fleet_of_another_profile_needs_data(tmp_path: Path) -> None:
    profile = tmp_path / "pump.yaml"
    signal = "{name: flow_l_min, unit: l/min, plausible: [0, 100], normal: [10, 20]}"
    profile.write_text(f"name: pump\ndevice_field: pump_id\nsignals:\n  - {signal}\n")
    done = run("--profile", str(profile))
    assert done.returncode == 2
    assert "only pacemakers can be simulated" in done.stderr


def test_the_error_for_a_missing_folder_of_machines_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACEWATCH_MACHINE_DATA", str(tmp_path / "none"))
    done = run("--profile", "machine")
    assert done.returncode == 2
    assert "PACEWATCH_MACHINE_DATA" in done.stderr
