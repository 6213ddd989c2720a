"""A fleet under the names as published, too small to prove anything: the report says so."""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pacewatch.ml.report import report
from pacewatch.ml.report.profile_file import profile_of

PROFILE = Path(__file__).parents[3] / "files" / "turbines" / "turbine.yaml"
VARIABLE = "PACEWATCH_TEST_TURBINES"
FAILING = {"T01": (200, 420), "T06": (120, 330, 500), "T07": (250, 610), "T09": (300, 400), "T11": (60, 280, 550, 640)}


def made_up(folder: Path, days: int = 720) -> None:
    """The two tables in the form in which they were published, of noise; T09 has no readings."""
    rng = np.random.default_rng(3)
    dates = [
        f"{day:%Y-%m-%d} 00:00:00+00:00"
        for day in pl.date_range(pl.date(2016, 1, 1), pl.date(2017, 12, 20), eager=True)
    ]
    names = [name for name in FAILING if name != "T09"]
    columns = {"Timestamp": dates[:days] * len(names), "Turbine_ID": [name for name in names for _ in range(days)]}
    for signal in profile_of(str(PROFILE)).signals:
        columns[signal.name] = rng.uniform(signal.normal.low, signal.normal.high, days * len(names)).round(1).tolist()
    failures = [(name, "GEARBOX", dates[day]) for name, on in FAILING.items() for day in on]
    pl.DataFrame(columns).write_csv(folder / "readings.csv")
    pl.DataFrame(failures, schema=["Turbine_ID", "Component", "Timestamp"], orient="row").write_csv(
        folder / "failures.csv"
    )


def printed(data: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, object]]:
    """The report in one line, and the JSON at its end."""
    assert report.main(["--profile", str(PROFILE), "--data", str(data), "--out", str(out)]) == 0
    text = capsys.readouterr().out
    return " ".join(text.split()), json.loads(text.strip().splitlines()[-1])


def says_how_little_it_proves(text: str) -> None:
    assert "4 devices prove little" in text
    assert "No K-fold: 5 folds of 4 devices would test fewer than 2 devices each" in text


def test_a_report_on_four_devices_says_how_little_it_proves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_up(tmp_path)
    text, _ = printed(tmp_path, tmp_path / "out", capsys)
    says_how_little_it_proves(text)
    assert "2 outcomes are of devices without readings and count nowhere: T09 (2)." in text
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["dataset"]["unmatched_outcomes"] == {"T09": 2}
    assert set(content["metrics"]["by_mode"]) == {"GEARBOX"}


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"{VARIABLE} does not name the folder of the published turbines")
def test_the_published_turbines_give_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, last = printed(Path(os.environ[VARIABLE]), tmp_path / "out", capsys)
    says_how_little_it_proves(text)
    assert "7 outcomes are of devices without readings and count nowhere: T09 (7)." in text
    assert 0 < int(str(last["failures_pooled"])) <= 21
