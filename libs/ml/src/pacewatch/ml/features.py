"""The one implementation of every feature a profile declares, for training, for scoring and for replay.

The same rows give the same bits in any order and any batch cut, and one new reading can be computed from the last
`Profile.longest_window_days` days of its device alone (windows.py and blocks.py say how).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
from pacewatch.ml import gathered
from pacewatch.ml.blocks import Aggregates, aggregate
from pacewatch.ml.windows import Rows, Window, rows_of, window_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DEFINITION_VERSION = 1
"""Raise it whenever a change here gives any feature other bits: it is part of every feature-set hash."""

CHUNK_ROWS = 8_192  # whole devices up to about this many rows are worked on at once: their blocks stay in the cache
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Context:
    """What a feature can be computed from: the wanted rows' own values, one window, and what it contains."""

    rows: Rows
    wanted: Ints
    readings: Floats  # (readings,) of the feature's signal
    window: Window
    inside: Aggregates  # each (wanted rows,)


def _delta_per_day(at: Context) -> Floats:
    elapsed_days = (at.rows.timestamps_s[at.wanted] - at.rows.timestamps_s[at.window.anchor]) / SECONDS_PER_DAY
    change = at.readings[at.wanted] - at.readings[at.window.anchor]
    return _quotient(change, elapsed_days, at.window.anchored)


def _ratio_to_baseline(at: Context) -> Floats:
    return _quotient(at.readings[at.wanted], at.inside.mean, at.window.covered & (at.inside.mean != 0))


def _quotient(numerator: Floats, denominator: Floats, defined: Bools) -> Floats:
    result = np.full(len(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=defined)
    return result


def _where_covered(values: Floats, at: Context) -> Floats:
    return np.where(at.window.covered, values, np.nan)


COMPUTE: dict[type, Callable[[Context], Floats]] = {
    RollingMean: lambda at: _where_covered(at.inside.mean, at),
    RollingStd: lambda at: _where_covered(np.sqrt(at.inside.squares / at.window.count), at),
    RollingMin: lambda at: _where_covered(at.inside.low, at),
    RollingMax: lambda at: _where_covered(at.inside.high, at),
    DeltaPerDay: _delta_per_day,
    RatioToBaseline: _ratio_to_baseline,
}


def compute_features(
    features: Sequence[Feature],
    device_ids: Ints,
    timestamps_s: Ints,
    signals: Mapping[str, Floats],
    only: slice | Bools | None = None,
) -> Floats:
    """Every feature of every reading: shape (rows, len(features)), in the input's row order.

    `timestamps_s` are Unix seconds; `signals` maps a name to the readings, in the signal's unit. NaN where the
    feature's window is not covered. With `only`, just those rows are returned, computed from all of them.
    ValueError if a device has two readings of the same second, or a reading is not finite.
    """
    return _matrix((), features, device_ids, timestamps_s, signals, only=only)


def predictor_matrix(
    profile: Profile,
    device_ids: Ints,
    timestamps_s: Ints,
    signals: Mapping[str, Floats],
    only: slice | Bools | None = None,
) -> Floats:
    """The model's input, shape (rows or those of `only`, len(profile.predictors)): raw signals, then features."""
    return _matrix(profile.signal_names, profile.features, device_ids, timestamps_s, signals, only=only)


def feature_set_hash(profile: Profile) -> str:
    """SHA-256 (hex) over the names, kinds and windows of all predictors, in order, and over their definition."""
    declared = [[type(f).__name__, f.signal, f.days] for f in profile.features]
    content = [DEFINITION_VERSION, COVERAGE_SLACK_DAYS, profile.name, list(profile.signal_names), declared]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _matrix(
    raw: Sequence[str],
    features: Sequence[Feature],
    device_ids: Ints,
    timestamps_s: Ints,
    signals: Mapping[str, Floats],
    *,
    only: slice | Bools | None,
) -> Floats:
    """Raw signals, then features, of the wanted rows in the input's order; chunks of whole devices side by side."""
    wanted = np.zeros(len(device_ids), dtype=bool)
    wanted[slice(None) if only is None else only] = True
    target = np.cumsum(wanted) - 1  # where a wanted row stands in the result
    result = np.empty((int(wanted.sum()), len(raw) + len(features)))
    order = _order(device_ids, timestamps_s)
    sorted_ids = device_ids if order is None else device_ids[order]
    names = dict.fromkeys([*raw, *(feature.signal for feature in features)])

    def work(part: slice) -> None:
        rows = part if order is None else order[part]
        chosen = np.flatnonzero(wanted[rows])
        if len(chosen):
            readings = {name: signals[name][rows] for name in names}
            columns = [readings[name][chosen] for name in raw]
            columns += _of_devices(features, sorted_ids[part], timestamps_s[rows], readings, chosen)
            result[target[rows][chosen]] = np.column_stack(columns)

    if len(result) <= CHUNK_ROWS:
        work(slice(0, len(device_ids)))
        return result
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, _device_chunks(sorted_ids)))
    return result


def _order(device_ids: Ints, timestamps_s: Ints) -> Ints | None:
    """Positions by device and time; None if that is their order already: who sorted once is not made to wait again."""
    step, later = np.diff(device_ids), np.diff(timestamps_s) >= 0
    if ((step > 0) | ((step == 0) & later)).all():
        return None
    return np.lexsort((timestamps_s, device_ids))


def _device_chunks(sorted_ids: Ints) -> Iterator[slice]:
    """Cuts between devices, at least CHUNK_ROWS apart."""
    starts = np.flatnonzero(sorted_ids[1:] != sorted_ids[:-1]) + 1
    begin = 0
    while begin < len(sorted_ids):
        place = np.searchsorted(starts, begin + CHUNK_ROWS)
        end = int(starts[place]) if place < len(starts) else len(sorted_ids)
        yield slice(begin, end)
        begin = end


def _of_devices(
    features: Sequence[Feature], device_ids: Ints, timestamps_s: Ints, readings: Mapping[str, Floats], wanted: Ints
) -> list[Floats]:
    """The features, each (wanted,), of the `wanted` positions of whole devices, sorted by device and time."""
    if not features:
        return []
    days = sorted({feature.days for feature in features})
    rows = rows_of(device_ids, timestamps_s, max(days) * SECONDS_PER_DAY)
    windows = [window_of(rows, wanted, n) for n in days]
    names = list(readings)
    signals = np.column_stack([readings[name] for name in names])
    if not np.isfinite(signals).all():
        raise ValueError("a reading is not a finite number: validate readings before computing features")
    counts = [window.count for window in windows]
    of_windows = gathered.aggregate if gathered.is_cheaper(counts, len(signals)) else aggregate
    totals = of_windows(signals, wanted, counts)
    columns = []
    for feature in features:
        i, j = days.index(feature.days), names.index(feature.signal)
        context = Context(rows, wanted, readings[names[j]], windows[i], totals[i].of_signal(j))
        columns.append(COMPUTE[type(feature)](context))
    return columns
