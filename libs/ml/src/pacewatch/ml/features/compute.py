"""The only implementation of every feature a profile declares, for training, scoring and the verification of scores.

The same readings give the same bits in any row order and any batch. A new reading needs only the last
`Profile.longest_window_days` days of its device (windows.py and blocks.py say how).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import numpy as np

from pacewatch.contracts.profile import (
    COVERAGE_SLACK_DAYS,
    SECONDS_PER_DAY,
    DeltaPerDay,
    Feature,
    Profile,
    RatioToBaseline,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
)
from pacewatch.contracts.profiles.features import OutsideNormal, SinceReading, Slope, WorstDistance
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features import blocks, sparse_windows
from pacewatch.ml.features.blocks import Aggregates
from pacewatch.ml.features.register import UNKNOWN, Register, predictor_of
from pacewatch.ml.features.whole_sums import WholeSums
from pacewatch.ml.features.windows import Window, spaced_timestamps, window_of

DEFINITION_VERSION = 2
"""Raise it with every change that gives any feature other bits: it is part of every feature-set hash."""

CHUNK_ROWS = 8_192  # about so many wanted rows, of whole devices, are computed at once: they fit into the CPU's cache
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Context:
    """What a feature is computed from: the values of the wanted rows, one window, and the statistics inside it."""

    readings: Floats  # (readings,) of the feature's signal
    wanted: Ints
    window: Window
    inside: Aggregates  # each (wanted rows,), NaN where the window is not covered
    uncovered: Ints  # entries of the window that are not covered
    sums: WholeSums


def _delta_per_day(_feature: DeltaPerDay, at: Context) -> Floats:
    return (at.readings.take(at.wanted) - at.readings.take(at.window.anchor, mode="clip")) / at.window.elapsed_days


def _ratio_to_baseline(_feature: RatioToBaseline, at: Context) -> Floats:
    return at.readings.take(at.wanted) / np.where(at.inside.mean == 0, np.nan, at.inside.mean)


def _spread(_feature: RollingStd, at: Context) -> Floats:
    # Of one reading it is not 0 but unknown: a device that reports once a month does not vary less than others.
    return np.where(at.window.count > 1, np.sqrt(at.inside.squares / at.window.count), np.nan)


def _outside_normal(feature: OutsideNormal, at: Context) -> Floats:
    counts = at.sums.outside(feature, at.wanted, at.window.count)
    counts[at.uncovered] = np.nan
    return counts


def _slope(feature: Slope, at: Context) -> Floats:
    slopes = at.sums.slope_per_day(feature, at.wanted, at.window.count)
    slopes[at.uncovered] = np.nan
    return slopes


COMPUTE: dict[type, Callable[[Any, Context], Floats]] = {
    RollingMean: lambda _, at: at.inside.mean,
    RollingStd: _spread,
    RollingMin: lambda _, at: at.inside.low,
    RollingMax: lambda _, at: at.inside.high,
    DeltaPerDay: _delta_per_day,
    RatioToBaseline: _ratio_to_baseline,
    OutsideNormal: _outside_normal,
    Slope: _slope,
}


def _worst_distance(feature: WorstDistance, readings: Readings, wanted: Ints, _spaced_s: Ints) -> Floats:
    worst = np.full(len(wanted), -np.inf)
    for name, normal in feature.normal:
        values = readings.signals[name].take(wanted)
        outside = np.maximum(normal.low - values, values - normal.high)
        outside /= normal.high - normal.low
        np.maximum(worst, outside, out=worst)
    return worst


def _since_reading(feature: SinceReading, _readings: Readings, wanted: Ints, spaced_s: Ints) -> Floats:
    days = (spaced_s.take(wanted + 1) - spaced_s.take(wanted)) / SECONDS_PER_DAY
    days[days >= feature.days] = np.nan
    return days


WITHOUT_WINDOW: dict[type, Callable[[Any, Readings, Ints, Ints], Floats]] = {
    WorstDistance: _worst_distance,
    SinceReading: _since_reading,
}


def compute_features(features: Sequence[Feature], readings: Readings, only: slice | Bools | None = None) -> Floats:
    """Every feature of every reading: shape (readings, len(features)), in the input's order.

    NaN where the feature's window is not covered. With `only`, the result has only those rows, computed from all.
    ValueError if a device has two readings of the same second, or a value is not finite.
    """
    return _matrix((), features, readings, only=only)


def predictor_matrix(
    profile: Profile, readings: Readings, only: slice | Bools | None = None, register: Register = UNKNOWN
) -> Floats:
    """The model's input, shape (readings or those of `only`, len(profile.predictors)).

    Raw signals, then features, then the attributes that `register` knows of each reading's device at the reading.
    """
    attributes = profile.predicting_attributes
    matrix = _matrix(profile.signal_names, profile.features, readings, only=only, more=len(attributes))
    keys = readings.keys if only is None else readings.keys.where(only)
    for column, attribute in enumerate(attributes, matrix.shape[1] - len(attributes)):
        matrix[:, column] = predictor_of(attribute, register, keys)
    return matrix


def feature_set_hash(profile: Profile) -> str:
    """SHA-256 (hex) of the declarations of all predictors, in order, and of `DEFINITION_VERSION`."""
    return _hash_of(profile, DEFINITION_VERSION, [[type(f).__name__, asdict(cast("Any", f))] for f in profile.features])


def earlier_feature_set_hash(profile: Profile) -> str:
    """`feature_set_hash` of definition 1. Every kind of feature that it had has the same bits today."""
    return _hash_of(profile, 1, [[type(f).__name__, f.signal, f.days] for f in profile.features])


def _hash_of(profile: Profile, definition: int, features: Sequence[Any]) -> str:
    content = [definition, COVERAGE_SLACK_DAYS, profile.name, list(profile.signal_names), features]
    if attributes := [[one.name, one.kind, list(one.values)] for one in profile.predicting_attributes]:
        content.append(attributes)
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def with_predictors(profile: Profile, names: Sequence[str]) -> Profile | None:
    """The profile with these predictors only, in their order; None if it does not declare all of them."""
    seen = tuple(replace(one, is_predictor=one.is_predictor and one.predictor in names) for one in profile.attributes)
    chosen = replace(profile, attributes=seen)
    count = len(names) - len(chosen.predicting_attributes)
    declared = {feature.name: feature for feature in (*profile.features, *profile.retired_features)}
    features = [declared.get(name) for name in names[len(profile.signals) : count]]
    if None in features:
        return None
    required = len(profile.required_features)
    known = tuple(feature for feature in features if feature is not None)
    chosen = replace(chosen, required_features=known[:required], extra_features=known[required:])
    return chosen if chosen.predictors == tuple(names) else None


def _matrix(
    raw: Sequence[str], features: Sequence[Feature], readings: Readings, *, only: slice | Bools | None, more: int = 0
) -> Floats:
    """Raw signals, then features, of the wanted rows in the input's order, and `more` columns without values."""
    wanted = np.zeros(len(readings), dtype=bool)
    wanted[slice(None) if only is None else only] = True
    used = dict.fromkeys([*raw, *(name for feature in features for name in _signals_of(feature))])
    readings = replace(readings, signals={name: readings.signals[name] for name in used})
    order = readings.order()
    if order is None:
        return _of_sorted(raw, features, more, readings, wanted)
    target = (np.cumsum(wanted) - 1)[order[wanted[order]]]
    return _of_sorted(raw, features, more, readings.where(order), wanted[order], target)


def _signals_of(feature: Feature) -> Sequence[str]:
    """The signals that a feature is computed from."""
    if isinstance(feature, WorstDistance):
        return [name for name, _ in feature.normal]
    return [feature.signal] if feature.signal else []


def _of_sorted(
    raw: Sequence[str],
    features: Sequence[Feature],
    more: int,
    readings: Readings,
    wanted: Bools,
    target: Ints | None = None,
) -> Floats:
    """Shape (wanted rows, columns), each wanted row at its `target`; without one, every column is contiguous."""
    wanted_before = np.append(0, np.cumsum(wanted))
    computed = len(raw) + len(features)
    result = np.empty((wanted_before[-1], computed + more), order="C" if target is not None else "F")

    def compute(part: slice) -> None:
        rows = slice(wanted_before[part.start], wanted_before[part.stop])
        chosen = np.flatnonzero(wanted[part])
        if len(chosen):
            into = result[rows, :computed].T if target is None else np.empty((computed, len(chosen)))
            # Adding 0.0 turns -0.0 into 0.0: they are equal, so the minimum of the two could be either.
            cut = readings.where(part)
            cut = replace(cut, signals={name: values + 0.0 for name, values in cut.signals.items()})
            for row, name in enumerate(raw):
                into[row] = cut.signals[name][chosen]
            _of_devices(features, cut, chosen, into[len(raw) :])
            if target is not None:
                result[target[rows], :computed] = into.T

    if len(result) <= CHUNK_ROWS:
        compute(slice(0, len(readings)))
        return result
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(compute, _device_chunks(readings.device_ids, wanted_before)))
    return result


def _device_chunks(sorted_ids: Ints, wanted_before: Ints) -> Iterator[slice]:
    """Slices of whole devices with at least CHUNK_ROWS wanted rows each, but the last."""
    ends = np.append(np.flatnonzero(sorted_ids[1:] != sorted_ids[:-1]) + 1, len(sorted_ids))
    begin = 0
    while begin < len(sorted_ids):
        place = np.searchsorted(wanted_before[ends], wanted_before[begin] + CHUNK_ROWS)
        end = int(ends[min(place, len(ends) - 1)])
        yield slice(begin, end)
        begin = end


def _of_devices(features: Sequence[Feature], readings: Readings, wanted: Ints, into: Floats) -> None:
    """Write the features of the `wanted` positions, one per row of `into`; the readings are whole devices, sorted."""
    if not features:
        return
    if not all(np.isfinite(values).all() for values in readings.signals.values()):
        raise ValueError("a reading is not a finite number: validate readings before computing features")
    longest = max(feature.days for feature in features)
    spaced_s = spaced_timestamps(readings.device_ids, readings.timestamps_s, longest)
    windowed = []
    for row, feature in zip(into, features, strict=True):
        if compute := WITHOUT_WINDOW.get(type(feature)):
            row[:] = compute(feature, readings, wanted, spaced_s)
        else:
            windowed.append((row, feature))
    if windowed:
        _of_windows(windowed, readings, wanted, spaced_s)


def _of_windows(features: Sequence[tuple[Floats, Feature]], readings: Readings, wanted: Ints, spaced_s: Ints) -> None:
    """As `_of_devices`, for features of a window, each with its row."""
    days = sorted({feature.days for _, feature in features})
    windows = [window_of(spaced_s, wanted, n) for n in days]
    names, sums = list(readings.signals), WholeSums(readings)
    signals = np.column_stack(list(readings.signals.values()))
    counts = [window.count for window in windows]
    aggregate = sparse_windows.aggregate if sparse_windows.is_cheaper(counts, len(signals)) else blocks.aggregate
    for n, window, inside in zip(days, windows, aggregate(signals, wanted, counts), strict=True):
        uncovered = np.flatnonzero(~window.covered)
        inside.clear(uncovered)
        for row, feature in features:
            if feature.days == n:
                column = inside.of_signal(names.index(feature.signal))
                at = Context(readings.signals[feature.signal], wanted, window, column, uncovered, sums)
                row[:] = COMPUTE[type(feature)](feature, at)
