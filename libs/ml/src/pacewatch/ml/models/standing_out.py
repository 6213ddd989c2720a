"""Which values tell something about a device, judged by the digits that people see.

A value that reads like the end of its range, like the device's own baseline or like no change is no reason, even if
its last bits differ.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from pacewatch.contracts.profile import (
    AttributeKind,
    DeltaPerDay,
    Feature,
    Profile,
    RatioToBaseline,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
    Signal,
)
from pacewatch.contracts.profiles.features import OutsideNormal, Slope, WorstDistance
from pacewatch.kit.columns.arrays import Bools, Floats

CLEARLY = 0.1
"""A reading is clearly away from its device's baseline by this share of the width of the signal's normal range."""

SEEN = 6
"""Decimals of what is shown as it is."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Of each predictor: the ends of its normal range, and how it is read. Arrays of shape (predictors,)."""

    low: Floats  # NaN: no normal range
    high: Floats
    scale: Floats  # by this a value is multiplied and rounded to what is shown of it
    signals: Floats  # the place of the signal whose unit it is in; NaN: none
    unchanged: Floats  # the shown value that means "no change"; NaN: none
    low_tells: Bools  # whether a low value can be a reason inside the normal range
    high_tells: Bools

    def shown(self, values: Floats) -> Floats:
        """As whole numbers of the last digit that is shown."""
        return np.round(values * self.scale)


def stands_out(profile: Profile, x: Floats, usual: tuple[Floats, Floats] | None, baselines: Floats | None) -> Bools:
    """Which values of rows `x` (rows, predictors) are outside the normal range, or unusual and a change for the device.

    `usual` are the ends of the middle of the fleet by predictor; `baselines` (rows, signals) are the device's own.
    A missing value does not stand out.
    """
    columns = _columns(profile)
    shown = columns.shown(x)
    outside = _outside(x, columns.low, columns.high, columns.scale)
    if usual is None:
        return outside
    low, high = (columns.shown(end) for end in usual)
    unusual = (shown < low) & columns.low_tells | (shown > high) & columns.high_tells
    unusual &= shown != columns.unchanged
    if baselines is not None:
        in_units = np.flatnonzero(~np.isnan(columns.signals))
        before = baselines[:, columns.signals[in_units].astype(np.int64)]
        unusual[:, in_units] &= shown[:, in_units] != np.round(before * columns.scale[in_units])
    return outside | unusual


def is_outside_normal(signal: Signal, readings: Floats) -> Bools:
    """Whether readings are outside the signal's normal range, and read so."""
    return _outside(readings, signal.normal.low, signal.normal.high, 10.0**signal.decimals)


def is_clearly_changed(profile: Profile, signal: Signal, readings: Floats, baselines: Floats) -> Bools:
    """Whether readings are clearly away from the baselines, to a side where the signal may be in danger."""
    low_tells, high_tells = _dangers(profile, signal)
    changes, least = readings - baselines, CLEARLY * (signal.normal.high - signal.normal.low)
    found: Bools = (changes <= -least) & low_tells | (changes >= least) & high_tells
    return found


def _outside(x: Floats, low: Floats | float, high: Floats | float, scale: Floats | float) -> Bools:
    """Outside, and not shown as the same number as an end that has no more digits than are shown."""
    shown, found = np.round(x * scale), np.zeros(x.shape, dtype=bool)
    for end, beyond in ((low, x < low), (high, x > high)):
        read = np.round(end * scale)
        found |= beyond & ((shown != read) | ~np.isclose(read, end * scale, atol=1e-9))
    return found


def _dangers(profile: Profile, signal: Signal) -> tuple[bool, bool]:
    """Whether low and high readings are a danger: sides where the normal range ends before the plausible one.

    Of a signal with hard limits on one side only, the other is the healthy one.
    """
    sides = {limit.side for limit in profile.limits if limit.signal == signal.name} or {"low", "high"}
    low = signal.normal.low > signal.plausible.low and "low" in sides
    return low, signal.normal.high < signal.plausible.high and "high" in sides


@cache
def _columns(profile: Profile) -> _Columns:
    rows = [_of_reading(profile, signal) for signal in profile.signals]
    rows += [_of_feature(profile, feature) for feature in profile.features]
    for attribute in profile.predicting_attributes:
        decimals = 0 if attribute.kind is AttributeKind.DATE else SEEN
        rows.append((np.nan, np.nan, 10.0**decimals, np.nan, np.nan, True, True))
    low, high, scale, signals, unchanged, low_tells, high_tells = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return _Columns(low, high, scale, signals, unchanged, low_tells, high_tells)


_Row = tuple[float, float, float, float, float, bool, bool]


def _of_reading(profile: Profile, signal: Signal) -> _Row:
    low_tells, high_tells = _dangers(profile, signal)
    place = profile.signal_names.index(signal.name)
    return signal.normal.low, signal.normal.high, 10.0**signal.decimals, place, np.nan, low_tells, high_tells


def _of_feature(profile: Profile, feature: Feature) -> _Row:
    if isinstance(feature, OutsideNormal | WorstDistance):
        return -np.inf, 0.0, 1.0 if isinstance(feature, OutsideNormal) else 100.0, np.nan, 0.0, False, True
    if not feature.signal:
        return np.nan, np.nan, 1.0, np.nan, np.nan, False, True  # a gap longer than usual
    signal = profile.signal(feature.signal)
    if isinstance(feature, RollingMean | RollingMin | RollingMax):
        return _of_reading(profile, signal)
    digits = 10.0**signal.decimals
    if isinstance(feature, RollingStd):
        return np.nan, np.nan, digits, np.nan, 0.0, False, True
    low_tells, high_tells = _dangers(profile, signal)
    if isinstance(feature, RatioToBaseline):
        return np.nan, np.nan, 100.0, np.nan, 100.0, low_tells, high_tells
    days = feature.days if isinstance(feature, DeltaPerDay | Slope) else 1
    return np.nan, np.nan, digits * days, np.nan, 0.0, low_tells, high_tells
