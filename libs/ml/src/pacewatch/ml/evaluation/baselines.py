"""Baselines that a model has to beat on the same rows: the hand rule of the profile's limits, and always negative."""

from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.json_numbers import number


def hand_rule(profile: Profile, x: Floats) -> Floats:
    """How far the worst signal of each row is outside its normal range, in widths of that range; shape (rows,).

    Negative inside the range, and higher the nearer to a limit, so the rule ranks healthy devices too and spends the
    whole alert budget. `x` starts with the raw signals in the profile's order.
    """
    outside = [
        np.maximum(signal.normal.low - x[:, i], x[:, i] - signal.normal.high) / (signal.normal.high - signal.normal.low)
        for i, signal in enumerate(profile.signals)
    ]
    worst: Floats = np.max(outside, axis=0)
    return worst


def always_negative(base_rate: float) -> dict[str, Any]:
    """The figures of a system that never alerts: its accuracy is high, and it catches nothing."""
    return {
        "roc_auc": 0.5,
        "pr_auc": number(base_rate),
        "accuracy": number(1 - base_rate),
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "failures_caught": 0.0,
        "alerts_per_100_device_months": 0.0,
    }
