"""Evaluate a model on a recorded fleet, without servers: `python -m pacewatch.ml.report --data FOLDER`.

Trains, judges by rolling origins, prints the figures with their intervals, writes report.json and PNG curves, and
prints one line of JSON at the end.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pacewatch.contracts.profile import Profile
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.tables.table import Dialect
from pacewatch.kit.tables.values.times import check_format
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.report import fleet_folder, plots, text
from pacewatch.ml.report.profile_file import profile_of
from pacewatch.ml.training.train import TrainedModel, train


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 with one sentence on stderr if the data cannot be trained on."""
    parser = argparse.ArgumentParser(prog="python -m pacewatch.ml.report", description=__doc__)
    parser.add_argument("--profile", default="pacemaker", help="a built-in profile, or a .yaml or .py file")
    parser.add_argument("--data", type=Path, required=True, help=fleet_folder.__doc__)
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument(
        "--budget", type=float, help="share of devices that may be alerted on a day, if not the profile's"
    )
    parser.add_argument("--delimiter", default=",", help="what separates the columns of a CSV")
    parser.add_argument("--decimal", default=".", help="the decimal sign of a CSV")
    parser.add_argument(
        "--time-format", default="", help="of times that are no ISO 8601, such as '%%d/%%m/%%Y %%H:%%M'"
    )
    options = parser.parse_args(arguments)
    try:
        declared = profile_of(options.profile)
        profile = _with_budget(declared, options.budget)
        files = fleet_folder.read_files(options.data, profile, _dialect(options))
        sys.stderr.write("".join(f"{line}\n" for line in files.findings()))
        fleet = fleet_folder.fleet_of(files, profile)
        model, baseline = _train(profile, fleet)
    except (TrainingImpossibleError, PacewatchError, LookupError, ValueError, OSError) as error:
        sys.stderr.write(f"no report: {error}\n")
        return 1
    dataset = model.dataset | {"left_out": fleet.left_out, "unmatched_outcomes": fleet.unmatched}
    dataset |= {"findings": fleet.findings}
    content = {"metrics": model.metrics, "dataset": dataset, "baseline": baseline}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "report.json").write_text(json.dumps(content, indent=1, allow_nan=False))
    plots.write(model.metrics, options.out)
    sys.stdout.write(text.render(declared, model.metrics, dataset, baseline))
    sys.stdout.write(json.dumps(last_line(model)) + "\n")
    return 0


def _with_budget(profile: Profile, budget: float | None) -> Profile:
    if budget is None:
        return profile
    if not 0 < budget < 1:
        raise ValueError(f"--budget is a share of devices, above 0 and below 1: {budget:g} is not")
    return replace(profile, daily_alert_budget=budget)


def _dialect(options: argparse.Namespace) -> Dialect:
    """How the CSV files are written; ValueError if none can be written so."""
    if options.time_format:
        check_format(options.time_format)
    return Dialect(options.delimiter, options.decimal, options.time_format)


def _train(profile: Profile, fleet: fleet_folder.Fleet) -> tuple[TrainedModel, dict[str, Any]]:
    """The chosen model, and the figures of a forest on the required features only."""
    labels = labels_of(profile.label, fleet.readings, fleet.failures, fleet.now_s)
    rows = (fleet.readings, labels, fleet.failures, fleet.now_s)
    model = train(profile, *rows, register=fleet.register, report_progress=_print_progress)
    baseline = train(replace(profile, extra_features=(), attributes=()), *rows, {"algorithm": "random_forest"}, folds=0)
    return model, baseline.metrics


def last_line(model: TrainedModel) -> dict[str, Any]:
    """The last line, for scripts."""
    metrics = model.metrics
    return {
        "rows": model.dataset["rows"],
        "events": metrics["holdout"]["failures"],
        "auroc": metrics["roc_auc"],
        "pr_auc": metrics["pr_auc"],
        "caught": metrics["failures_caught"],
        "caught_rule": metrics["hand_rule"]["failures_caught"],
        "lead_days": metrics["lead_days"],
        "alerts_per_100_patient_months": metrics["alerts_per_100_device_months"],
        "budget": metrics["budget"],
        "origins": len(metrics["origins"]),
        "failures_pooled": metrics["failures_pooled"],
        "final_rows": metrics["final_rows"],
    }


def _print_progress(stage: str, percent: int, message: str) -> None:
    line = f"{percent:3d} % {stage}: {message}"
    sys.stderr.write(f"\r{line:<110.110}" + "\n" * (percent == 100) if sys.stderr.isatty() else f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
