"""The report on a folder."""

import json

import pytest

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.report import report


def test_an_empty_folder_gives_one_sentence_and_exit_code_1(tmp_path, capsys) -> None:
    assert report.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "has no readings.parquet" in capsys.readouterr().err


HEADS = ",".join(["patient_id", "timestamp", *PACEMAKER.signal_names])


@pytest.mark.parametrize("content", [f"{HEADS}\nx,yesterday,1,1,1,1\n".encode(), b"\x00\xff PAR1"])
def test_a_file_that_is_not_a_table_of_readings_gives_one_sentence(data, tmp_path, capsys, content) -> None:
    (data / "readings.parquet").unlink()
    (data / "readings.csv").write_bytes(content)
    assert report.main(["--data", str(data), "--out", str(tmp_path / "out")]) == 1
    *findings, last = capsys.readouterr().err.splitlines()
    assert last.startswith("no report: ")
    assert all(line.startswith("readings.csv: ") for line in findings)


def test_the_report_ends_with_a_line_of_json_and_writes_figures_and_plots(data, tmp_path, capsys) -> None:
    assert report.main(["--data", str(data), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out.strip().splitlines()
    last = json.loads(printed[-1])
    assert set(last) == {
        "rows", "events", "auroc", "pr_auc", "caught", "caught_rule", "lead_days", "alerts_per_100_patient_months",
        "budget", "origins", "failures_pooled", "final_rows",
    }  # fmt: skip
    assert last["failures_pooled"] == last["events"]
    assert last["auroc"] > 0.9
    assert any(line.startswith("ROC-AUC") and "[" in line for line in printed)
    assert any(line.startswith("left out: 0 duplicates, 0 implausible; not trained on") for line in printed)
    written = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"report.json", "precision_recall.png", "alerts.png", "reliability.png"}
    assert all(size > 1_000 for size in written.values())
