"""Why a score is what it is: its largest contributions, in words of the profile."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import (
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

if TYPE_CHECKING:
    from pacewatch.ml.ml_engine import MLEngine

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason of a score: a predictor, its value (None if missing) and what it added to the raw score."""

    name: str
    value: float | None
    contribution: float
    text: str


def top_factors(engine: "MLEngine", x: Floats, k: int = 3) -> list[list[Factor]]:
    """The `k` largest contributions by size for each row of `x` (rows, predictors), largest first."""
    return factors_of(engine.profile, x, engine.contributions(x)[:, :-1], k)


def factors_of(profile: Profile, x: Floats, contributions: Floats, k: int = 3) -> list[list[Factor]]:
    """The same from contributions at hand, shape (rows, predictors)."""
    largest = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :k]
    values = np.take_along_axis(x, largest, axis=1).tolist()
    sizes = np.take_along_axis(contributions, largest, axis=1).tolist()
    names, words = profile.predictors, _words(profile)
    return [
        [
            Factor(names[c], None if isnan(value) else value, size, words[c].say(value, size))
            for c, value, size in zip(columns, row_values, row_sizes, strict=True)
        ]
        for columns, row_values, row_sizes in zip(largest.tolist(), values, sizes, strict=True)
    ]


def factor_text(profile: Profile, name: str, value: float, contribution: float) -> str:
    """One predictor's value in words, e.g. "capture threshold +0.9 V in 3 days"; NaN says that it is missing.

    KeyError if the profile has no such predictor.
    """
    names = profile.predictors
    if name not in names:
        raise KeyError(name)
    return _words(profile)[names.index(name)].say(value, contribution)


@dataclass(frozen=True, slots=True)
class _Words:
    signal: Signal
    feature: Feature | None  # None: the raw signal

    def say(self, value: float, contribution: float) -> str:
        """`contribution` decides only what cannot be seen from the value: why a missing value matters."""
        if isnan(value):
            effect = "raises" if contribution > 0 else "lowers"
            return f"{self.signal.label}: no {self._days} of history, which {effect} the risk"
        return _PHRASES[type(self.feature)](self, value)

    def amount(self, value: float, sign: str = "") -> str:
        return f"{value:{sign}.{self.signal.decimals}f} {self.signal.unit}"

    @property
    def _days(self) -> str:
        return f"{self.feature.days} days" if self.feature else "reading"

    def over(self, phrase: str) -> str:
        return f"{self.signal.label} {phrase} over {self._days}"

    def change(self, per_day: float) -> str:
        days = self.feature.days if self.feature else 1
        return f"{self.signal.label} {self.amount(per_day * days, '+')} in {self._days}"


_PHRASES: dict[type, Callable[[_Words, float], str]] = {
    type(None): lambda w, v: f"{w.signal.label} {w.amount(v)}",
    DeltaPerDay: lambda w, v: w.change(v),
    RollingMean: lambda w, v: w.over(f"averages {w.amount(v)}"),
    RollingStd: lambda w, v: w.over(f"varies by {w.amount(v)}"),
    RollingMin: lambda w, v: w.over(f"as low as {w.amount(v)}"),
    RollingMax: lambda w, v: w.over(f"as high as {w.amount(v)}"),
    RatioToBaseline: lambda w, v: f"{w.signal.label} {100 * (v - 1):+.0f} % against its {w._days}' mean",
}


def _words(profile: Profile) -> list[_Words]:
    raw = [_Words(signal, None) for signal in profile.signals]
    return raw + [_Words(profile.signal(feature.signal), feature) for feature in profile.features]
