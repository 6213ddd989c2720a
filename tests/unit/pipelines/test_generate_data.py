"""generate_data.py writes the data set and explains wrong options."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

SCRIPT = Path(__file__).parents[3] / "pipelines" / "generate_data.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


def test_a_data_set_is_written_with_truth_and_outcomes_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "small.csv"
    done = run("--patients", "30", "--days", "40", "--enrich", "50", "--start", "2021-03-01", "--out", str(out))
    assert done.returncode == 0, done.stderr
    rows = pl.read_csv(out)
    assert rows.shape[1] == 15
    assert rows["timestamp"].min() // 86_400 == 18_687  # type: ignore[operator]
    assert rows["patient_id"].n_unique() == 30
    assert (tmp_path / "small.truth.csv").is_file()
    assert (tmp_path / "small.outcomes.csv").is_file()


def test_an_aligned_data_set_has_one_timestamp_in_each_interval(tmp_path: Path) -> None:
    out = tmp_path / "aligned.parquet"
    done = run("--patients", "30", "--days", "40", "--aligned", "--out", str(out))
    assert done.returncode == 0, done.stderr
    rows = pl.read_parquet(out)
    assert rows["timestamp"].n_unique() == 40
    assert rows.filter(pl.col("timestamp") % 86_400 != 0).is_empty()
    assert rows.select("timestamp", "patient_id").is_duplicated().sum() == 0
    assert rows.group_by("timestamp").len()["len"].min() > 20  # type: ignore[operator]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "either --out FILE or --follow URL"),
        (("--out", "rows.txt"), "--out must end in .parquet or .csv"),
        (("--out", "rows.csv", "--regime", "weather"), "unknown regime: weather"),
        (("--follow", "http://localhost:9", "--replay", "nowhere"), "--replay needs the machines' files"),
    ],
)
def test_a_wrong_option_is_explained(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
