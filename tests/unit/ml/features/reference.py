"""The features by their definitions, row by row: slow, simple, independent of the real code."""

import statistics
from fractions import Fraction

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
from pacewatch.contracts.profiles.features import OutsideNormal, SinceReading, Slope, WorstDistance

History = list[tuple[int, float]]  # (Unix seconds, value) of one device and one signal


def reference_features(features, device_ids, timestamps_s, signals) -> np.ndarray:
    result = np.empty((len(device_ids), len(features)))
    for row, (device, t) in enumerate(zip(device_ids, timestamps_s, strict=True)):
        for column, feature in enumerate(features):
            if isinstance(feature, WorstDistance):
                result[row, column] = worst_distance(feature, {name: signals[name][row] for name, _ in feature.normal})
                continue
            values = signals[feature.signal or next(iter(signals))]
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
    if isinstance(feature, SinceReading):
        before = [s for s, _ in history if opens < s < t]
        return (t - max(before)) / SECONDS_PER_DAY if before else np.nan
    if not is_covered(opens, history):
        return np.nan
    if isinstance(feature, OutsideNormal):
        return sum(not feature.low <= v <= feature.high for v in inside)
    if isinstance(feature, Slope):
        return slope(feature, [(s, v) for s, v in history if s > opens])
    if isinstance(feature, RatioToBaseline):
        return value / statistics.fmean(inside)
    kinds = {
        RollingMean: statistics.fmean,
        RollingStd: lambda values: statistics.pstdev(values) if len(values) > 1 else np.nan,
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


def worst_distance(feature: WorstDistance, values: dict[str, float]) -> float:
    return max(
        max(normal.low - values[name], values[name] - normal.high) / (normal.high - normal.low)
        for name, normal in feature.normal
    )


def slope(feature: Slope, history: History) -> float:
    """By the definition, in exact numbers: covariance of time and value divided by the variance of time."""
    times = [Fraction(s, SECONDS_PER_DAY) for s, _ in history]
    values = [round(v / feature.step) * Fraction(feature.step) for _, v in history]
    t_mean, v_mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - t_mean) ** 2 for t in times)
    if not spread:
        return np.nan
    return float(sum((t - t_mean) * (v - v_mean) for t, v in zip(times, values, strict=True)) / spread)
