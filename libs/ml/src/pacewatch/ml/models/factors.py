"""Why a score is what it is: its largest contributions, in words of the profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import Any

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
from pacewatch.kit.columns.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason of a score: a predictor, its value (None if missing) and what it added to the raw score."""

    name: str
    value: float | None
    contribution: float
    text: str


@dataclass(frozen=True, slots=True)
class TopContributions:
    """The largest contributions to many scores, as columns of shape (rows, k), largest first.

    `predictors` are places in `Profile.predictors`; a missing value is NaN.
    """

    predictors: Ints
    values: Floats
    contributions: Floats

    def where(self, rows: NDArray[Any]) -> "TopContributions":
        """Those of some rows, chosen by place or by a mask."""
        return TopContributions(self.predictors[rows], self.values[rows], self.contributions[rows])


def top_contributions(x: Floats, contributions: Floats, k: int) -> TopContributions:
    """The `k` largest of each row by size; of equals the first. Words are for those who read them: see `to_factors`."""
    sizes = np.abs(contributions)
    rows = np.arange(len(x))
    places = np.empty((len(x), min(k, x.shape[1])), dtype=np.int64)
    for place in range(places.shape[1]):
        places[:, place] = sizes.argmax(axis=1)
        sizes[rows, places[:, place]] = -1.0
    at = (rows[:, None], places)
    return TopContributions(places, x[at], contributions[at])


def to_factors(profile: Profile, reasons: TopContributions, names: Sequence[str] = ()) -> list[list[Factor]]:
    """Each row's reasons as factors; `names` of another feature set than the profile's."""
    known = _words(profile)
    names = names or tuple(known)
    columns = (reasons.predictors.tolist(), reasons.values.tolist(), reasons.contributions.tolist())
    return [
        [
            Factor(names[place], None if isnan(value) else value, size, _say(known, names[place], value, size))
            for place, value, size in zip(*row, strict=True)
        ]
        for row in zip(*columns, strict=True)
    ]


def _say(known: Mapping[str, "_Words"], name: str, value: float, contribution: float) -> str:
    """A predictor that the profile does not have any more is told by its name."""
    return known[name].say(value, contribution) if name in known else f"{name.replace('_', ' ')} {value:g}"


def factor_text(profile: Profile, name: str, value: float, contribution: float) -> str:
    """One predictor's value in words, e.g. "capture threshold +0.9 V in 3 days"; NaN says that it is missing.

    KeyError if the profile has no such predictor.
    """
    return _words(profile)[name].say(value, contribution)


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


@cache
def _words(profile: Profile) -> Mapping[str, _Words]:
    """By predictor, in their order; kept, because lists put hundreds of scores into words one by one."""
    raw = [_Words(signal, None) for signal in profile.signals]
    words = [*raw, *(_Words(profile.signal(feature.signal), feature) for feature in profile.features)]
    return dict(zip(profile.predictors, words, strict=True))
