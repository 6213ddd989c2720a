"""The features by their definitions, row by row: slow, simple, independent of the real code."""

import statistics

import numpy as np

from pacewatch.contracts.profile import (
    COVERAGE_SLACK_DAYS,
    SECONDS_PER_DAY,
    DeltaPerDay,
    Feature,
    RatioToBaseline,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
)

History = list[tuple[int, float]]  # (Unix seconds, value) of one device and one signal


def reference_features(features, device_ids, timestamps_s, signals) -> np.ndarray:
    result = np.empty((len(device_ids), len(features)))
    for row, (device, t) in enumerate(zip(device_ids, timestamps_s, strict=True)):
        for column, feature in enumerate(features):
            values = signals[feature.signal]
            history = [
                (int(s), float(v))
                for d, s, v in zip(device_ids, timestamps_s, values, strict=True)
                if d == device and s <= t
            ]
            result[row, column] = feature_of(feature, int(t), float(values[row]), history)
    return result


def feature_of(feature: Feature, t: int, value: float, history: History) -> float:
    opens = t - feature.days * SECONDS_PER_DAY
    inside = [v for s, v in history if s > opens]
    if isinstance(feature, DeltaPerDay):
        return delta_per_day(opens, t, value, history)
    if not is_covered(opens, history):
        return np.nan
    if isinstance(feature, RatioToBaseline):
        return value / statistics.fmean(inside)
    kinds = {
        RollingMean: statistics.fmean,
        RollingStd: statistics.pstdev,
        RollingMin: min,
        RollingMax: max,
    }
    return kinds[type(feature)](inside)


def is_covered(opens: int, history: History) -> bool:
    earliest = opens - COVERAGE_SLACK_DAYS * SECONDS_PER_DAY
    return any(earliest < s <= opens + SECONDS_PER_DAY // 2 for s, _ in history)


def delta_per_day(opens: int, t: int, value: float, history: History) -> float:
    near = [(abs(s - opens), s, v) for s, v in history if abs(s - opens) <= SECONDS_PER_DAY // 2]
    if not near:
        return np.nan
    _, anchor_s, anchor = min(near)
    return (value - anchor) / ((t - anchor_s) / SECONDS_PER_DAY)
