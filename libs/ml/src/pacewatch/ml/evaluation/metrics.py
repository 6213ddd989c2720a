"""Figures per row at a threshold, of the probabilities and along all thresholds; an undefined figure is None."""

from typing import Any

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix, precision_recall_fscore_support

from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Labels
from pacewatch.ml.evaluation.bootstrap import draws, interval_of
from pacewatch.ml.json_numbers import number, plain

BINS = 10
CURVE_POINTS = 100


def classification(labels: Labels, predicted: Bools) -> dict[str, Any]:
    """Accuracy, precision, recall, F1, confusion matrix [[tn, fp], [fn, tp]] and scikit-learn's report."""
    precision, recall, f1, _ = precision_recall_fscore_support(labels, predicted, average="binary", zero_division=0.0)
    report = classification_report(
        labels, predicted, labels=[0, 1], target_names=["healthy", "failing"], output_dict=True, zero_division=0.0
    )
    figures = {
        "accuracy": float((labels == predicted).mean()),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "confusion_matrix": confusion_matrix(labels, predicted, labels=[0, 1]),
        "classification_report": report,
    }
    return dict(plain(figures))


def expected_and_observed(labels: Labels, risk: Floats, device_ids: Ints) -> dict[str, Any]:
    """Positive rows that the risks expect, those observed, and their ratio with its bootstrap interval over devices."""
    devices, device = np.unique(device_ids, return_inverse=True)
    expected, observed = (
        np.bincount(device, weights=values, minlength=len(devices)) for values in (risk, (labels == 1).astype(float))
    )
    figures = {"expected": float(expected.sum()), "observed": int(observed.sum())}
    if not figures["observed"]:
        return figures | {"ratio": {"value": None, "low": None, "high": None}}
    drawn = draws(len(devices))
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw without a positive row has no ratio
        ratios = drawn @ expected / (drawn @ observed)
    return figures | {"ratio": interval_of(figures["expected"] / figures["observed"], ratios)}


def reliability(labels: Labels, risk: Floats) -> dict[str, Any]:
    """Predicted and observed shares in ten bins of equally many rows, and their mean distance (ECE)."""
    bins = [part for part in np.array_split(np.argsort(risk, kind="stable"), BINS) if len(part)]
    predicted, observed = ([float(values[part].mean()) for part in bins] for values in (risk, labels))
    distance = sum(len(b) * abs(p - o) for b, p, o in zip(bins, predicted, observed, strict=True)) / max(len(risk), 1)
    return {"calibration_error": number(distance), "predicted": predicted, "observed": observed}


def curve(labels: Labels, risk: Floats, days: int) -> list[dict[str, float | None]]:
    """Precision, recall and alerts per day at thresholds spread over the riskiest rows, highest first."""
    order = np.argsort(-risk, kind="stable")
    hits = np.cumsum(labels[order] == 1)
    reach = np.unique(np.geomspace(1, len(risk), CURVE_POINTS).astype(np.int64)) if len(risk) else np.empty(0, int)
    return [
        {
            "threshold": number(risk[order[n - 1]]),
            "precision": number(hits[n - 1] / n),
            "recall": number(hits[n - 1] / hits[-1]) if hits[-1] else None,
            "alerts_per_day": number(n / max(days, 1)),
        }
        for n in reach
    ]
