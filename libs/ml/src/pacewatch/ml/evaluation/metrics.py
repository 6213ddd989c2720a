"""Figures per row, of a ranking and at a threshold; an undefined figure is None."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix, precision_recall_fscore_support

from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Labels
from pacewatch.ml.evaluation.bootstrap import Interval, interval
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


def ranking(labels: Labels, risk: Floats, weights: Ints | None = None) -> tuple[float, float]:
    """(ROC-AUC, PR-AUC as average precision) of rows that count `weights` times; NaN without both classes."""
    order = np.argsort(-risk, kind="stable")
    return _ranking_of_sorted(labels[order] == 1, _tie_ends(risk[order]), None if weights is None else weights[order])


def ranking_intervals(labels: Labels, risk: Floats, device_ids: Ints) -> dict[str, Interval]:
    """ROC-AUC and PR-AUC with bootstrap intervals over devices."""
    order = np.argsort(-risk, kind="stable")
    devices, device = np.unique(device_ids[order], return_inverse=True)
    positive, ends = labels[order] == 1, _tie_ends(risk[order])
    points = _ranking_of_sorted(positive, ends, None)

    def area(which: int) -> Callable[[Ints], float]:
        return lambda drawn: _ranking_of_sorted(positive, ends, drawn[device])[which]

    return {name: interval(points[i], area(i), len(devices)) for i, name in enumerate(("roc_auc", "pr_auc"))}


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


def _tie_ends(sorted_risk: Floats) -> Ints:
    """The last position of each run of equal risks: a threshold cannot separate equal risks."""
    if not len(sorted_risk):
        return np.empty(0, dtype=np.int64)
    return np.append(np.flatnonzero(np.diff(sorted_risk)), len(sorted_risk) - 1)


def _ranking_of_sorted(positive: Bools, ends: Ints, weights: Ints | None) -> tuple[float, float]:
    weight = np.ones(len(positive), dtype=np.int64) if weights is None else weights
    hits = np.cumsum(np.where(positive, weight, 0))[ends]
    false_alerts = np.cumsum(np.where(positive, 0, weight))[ends]
    if not len(ends) or not hits[-1] or not false_alerts[-1]:
        return np.nan, np.nan
    recall, fallout = hits / hits[-1], false_alerts / false_alerts[-1]
    area = np.trapezoid(np.append(0.0, recall), np.append(0.0, fallout))
    precision = hits / np.maximum(hits + false_alerts, 1)
    return float(area), float((np.diff(recall, prepend=0.0) * precision).sum())
