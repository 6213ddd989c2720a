"""The largest contributions to a score, and factors: contributions put into words of the profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isnan

import numpy as np

from pacewatch.contracts.profile import (
    Attribute,
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
from pacewatch.kit.columns.arrays import Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Factor:
    """A contribution in words: predictor, its value (None if missing), what it added to the raw score, and a text."""

    name: str
    value: float | None
    contribution: float
    text: str


@dataclass(frozen=True, slots=True)
class TopContributions:
    """The largest contributions to many scores, as columns of shape (rows, k), largest first.

    `predictors` are positions in `Profile.predictors`; a missing value is NaN.
    """

    predictors: Ints
    values: Floats
    contributions: Floats

    def where(self, rows: Rows) -> "TopContributions":
        """Those of the chosen rows."""
        return TopContributions(self.predictors[rows], self.values[rows], self.contributions[rows])


def top_contributions(x: Floats, contributions: Floats, k: int) -> TopContributions:
    """The `k` largest of each row by absolute size; of equal ones the first."""
    sizes = np.abs(contributions)
    rows = np.arange(len(x))
    predictors = np.empty((len(x), min(k, x.shape[1])), dtype=np.int64)
    for rank in range(predictors.shape[1]):
        predictors[:, rank] = sizes.argmax(axis=1)
        sizes[rows, predictors[:, rank]] = -1.0
    at = (rows[:, None], predictors)
    return TopContributions(predictors, x[at], contributions[at])


def to_factors(profile: Profile, top: TopContributions, names: Sequence[str] = ()) -> list[list[Factor]]:
    """The factors of each row; `names` are the predictors of a feature set other than the profile's."""
    known = _descriptions(profile)
    names = names or tuple(known)
    columns = (top.predictors.tolist(), top.values.tolist(), top.contributions.tolist())
    return [
        [
            Factor(names[i], None if isnan(value) else value, size, _text(known, names[i], value, size))
            for i, value, size in zip(*row, strict=True)
        ]
        for row in zip(*columns, strict=True)
    ]


def _text(
    known: Mapping[str, "_Description | _AttributeDescription"], name: str, value: float, contribution: float
) -> str:
    """E.g. "capture threshold +0.9 V in 3 days"; of a predictor that the profile no longer has its name and value."""
    return known[name].text(value, contribution) if name in known else f"{name.replace('_', ' ')} {value:g}"


@dataclass(frozen=True, slots=True)
class _Description:
    """A predictor, as texts about it need it."""

    signal: Signal
    feature: Feature | None  # None: the raw signal

    def text(self, value: float, contribution: float) -> str:
        """`contribution` is used for a missing value only: whether it raises or lowers the risk."""
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


@dataclass(frozen=True, slots=True)
class _AttributeDescription:
    """A predictor that the register of devices gives."""

    attribute: Attribute

    def text(self, value: float, contribution: float) -> str:
        """`contribution` is used for a missing value only: whether it raises or lowers the risk."""
        attribute = self.attribute
        if isnan(value):
            return f"{attribute.label}: not known, which {'raises' if contribution > 0 else 'lowers'} the risk"
        if attribute.kind is AttributeKind.DATE:
            return f"{attribute.label} {value:,.0f} days ago"
        return f"{attribute.label} {attribute.values[int(value)] if attribute.values else f'{value:g}'}"


_PHRASES: dict[type, Callable[[_Description, float], str]] = {
    type(None): lambda d, v: f"{d.signal.label} {d.amount(v)}",
    DeltaPerDay: lambda d, v: d.change(v),
    RollingMean: lambda d, v: d.over(f"averages {d.amount(v)}"),
    RollingStd: lambda d, v: d.over(f"varies by {d.amount(v)}"),
    RollingMin: lambda d, v: d.over(f"as low as {d.amount(v)}"),
    RollingMax: lambda d, v: d.over(f"as high as {d.amount(v)}"),
    RatioToBaseline: lambda d, v: f"{d.signal.label} {100 * (v - 1):+.0f} % against its {d._days}' mean",
}


@cache
def _descriptions(profile: Profile) -> Mapping[str, _Description | _AttributeDescription]:
    """By predictor, in their order; cached, because a list puts hundreds of scores into words one by one."""
    raw = [_Description(signal, None) for signal in profile.signals]
    features = [_Description(profile.signal(feature.signal), feature) for feature in profile.features]
    attributes = [_AttributeDescription(attribute) for attribute in profile.predicting_attributes]
    return dict(zip(profile.predictors, [*raw, *features, *attributes], strict=True))
