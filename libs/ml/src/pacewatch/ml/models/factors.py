"""Factors: facts about a score put into words of the profile."""

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
from pacewatch.contracts.profiles.features import OutsideNormal, SinceReading, Slope, WorstDistance
from pacewatch.ml.models.facts import NOTHING, Facts, group_names
from pacewatch.ml.models.standing_out import is_outside_normal

A_MONTH_DAYS = 25
"""A baseline at least so old is from "a month ago"."""


LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Factor:
    """A fact that stands out, in words.

    `name` is the predictor and `value` its value (None if missing), `signal` what it belongs to (None: no single one),
    `contribution` what all predictors of that signal added to the raw score, `baseline` what the device's own signal
    was `baseline_days` before.
    """

    name: str
    value: float | None
    contribution: float
    text: str
    signal: str | None = None
    baseline: float | None = None
    baseline_days: float | None = None


def to_factors(profile: Profile, facts: Facts, names: Sequence[str] = ()) -> list[list[Factor]]:
    """What stands out in each row: hard limits first, then the largest sums; `names` are another feature set's.

    A sum under LEAST_SHARE of the row's largest is too small for a reason, unless the reading is outside its normal
    range. Empty where nothing stands out.
    """
    names = names or profile.predictors
    columns = (facts.sums, facts.predictors, facts.values, facts.baselines)
    rows = zip(*(column.tolist() for column in columns), facts.days.tolist(), strict=True)
    return [_factors(profile, names, zip(*row[:4], strict=True), row[4]) for row in rows]


def _factors(profile: Profile, names: Sequence[str], groups: "zip[tuple[float, ...]]", days: float) -> list[Factor]:
    signals, columns = group_names(profile), list(groups)
    least = LEAST_SHARE * max(abs(size) for size, *_ in columns)
    limited, others = list[Factor](), list[Factor]()
    for place, (size, predictor, value, baseline) in enumerate(columns):
        if predictor == NOTHING:
            continue
        signal = signals[place] if place < len(profile.signals) else None
        past = (None, None) if isnan(baseline) else (baseline, days)
        name = names[int(predictor)]
        factor = Factor(name, value, size, text_of(profile, name, value, *past), signal, *past)
        if _limit_text(profile, name, value):
            limited.append(factor)
        elif abs(size) >= least or _is_outside_normal(profile, name, value):
            others.append(factor)
    return [*limited, *sorted(others, key=lambda one: -abs(one.contribution))]


def _is_outside_normal(profile: Profile, name: str, value: float) -> bool:
    if name not in profile.signal_names:
        return False
    return bool(is_outside_normal(profile.signal(name), np.array([value])).all())


def text_of(
    profile: Profile,
    name: str,
    value: float,
    baseline: float | None = None,
    days: float | None = None,
    effect: str = "changes",
) -> str:
    """E.g. "capture threshold 4.25 V, was 0.75 V a month ago; normal up to 2 V".

    Of a predictor that the profile no longer has, its name and value. `effect` is said of a missing value only.
    """
    described = _descriptions(profile).get(name)
    if described is None:
        about = _ABOUT_NO_SIGNAL.get(name)
        return about(value) if about else f"{name.replace('_', ' ')} {value:g}"
    if isinstance(described, _AttributeDescription):
        return described.text(value, effect)
    if isnan(value):
        return f"{described.label}: no {described.days} of history, which {effect} the risk"
    text, context = _PHRASES[type(described.feature)](described, value), ""
    if described.has_context:
        if baseline is not None and days is not None:
            text += f", was {described.amount(baseline)} {_ago(days)}"
        context = _limit_text(profile, name, value) or f"normal {described.normal}"
    return f"{text}; {context}" if context else text


def _limit_text(profile: Profile, name: str, value: float | None) -> str:
    """The hard limit that this raw signal reached, e.g. "elective replacement at 2.63 V or under"; else empty."""
    for limit in profile.limits:
        if limit.signal == name and value is not None and limit.is_reached(value):
            signal = profile.signal(name)
            return f"{limit.meaning} at {limit.value:,g} {signal.unit} or {'under' if limit.side == 'low' else 'over'}"
    return ""


def _ago(days: float) -> str:
    if days >= A_MONTH_DAYS:
        return "a month ago"
    return f"{days:.0f} days ago"


@dataclass(frozen=True, slots=True)
class _Description:
    """A predictor of a signal, as texts about it need it."""

    signal: Signal
    feature: Feature | None  # None: the raw signal

    @property
    def label(self) -> str:
        return self.signal.label

    @property
    def days(self) -> str:
        return f"{self.feature.days} days" if self.feature else "reading"

    @property
    def has_context(self) -> bool:
        """Whether baseline and normal range are shown with it: not with a count or a spread."""
        return not isinstance(self.feature, OutsideNormal | RollingStd)

    @property
    def normal(self) -> str:
        """The normal range, without an end that no reading can pass."""
        signal, unit = self.signal, self.signal.unit
        if signal.normal.low <= signal.plausible.low:
            return f"up to {signal.normal.high:,g} {unit}"
        if signal.normal.high >= signal.plausible.high:
            return f"from {signal.normal.low:,g} {unit}"
        return f"{signal.normal.low:,g} to {signal.normal.high:,g} {unit}"

    def amount(self, value: float, sign: str = "") -> str:
        """With the signal's decimals, but never more zeros than two, and never 0 for what is not 0."""
        text = f"{value:{sign},.{self.signal.decimals}f}"
        if value and not float(text.replace(",", "")):
            text = f"{value:{sign}.1g}"
        elif self.signal.decimals > 2:
            whole, decimals = text.split(".")
            text = f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"
        return f"{text} {self.signal.unit}"

    def change(self, per_day: float) -> str:
        days = self.feature.days if self.feature else 1
        return f"{self.label} {self.amount(per_day * days, '+')} in {self.days}"

    def slope(self, per_day: float) -> str:
        if not per_day:
            return f"{self.label} neither rises nor falls over {self.days}"
        return (
            f"{self.label} {'rises' if per_day > 0 else 'falls'} by {self.amount(abs(per_day))} a day over {self.days}"
        )

    def spread(self, value: float) -> str:
        return f"{self.label} {f'varies by {self.amount(value)}' if value else 'did not change'} over {self.days}"

    def ratio(self, value: float) -> str:
        return f"{self.label} {abs(100 * (value - 1)):.0f} % {'above' if value > 1 else 'below'} its {self.days}' mean"


@dataclass(frozen=True, slots=True)
class _AttributeDescription:
    """A predictor that the register of devices gives."""

    attribute: Attribute

    def text(self, value: float, effect: str) -> str:
        """`effect` is said of a missing value only."""
        attribute = self.attribute
        if isnan(value):
            return f"{attribute.label}: not known, which {effect} the risk"
        if attribute.kind is AttributeKind.DATE:
            return f"{attribute.label} {value:,.0f} days ago"
        return f"{attribute.label} {attribute.values[int(value)] if attribute.values else f'{value:g}'}"


_PHRASES: dict[type, Callable[[_Description, float], str]] = {
    type(None): lambda d, v: f"{d.label} {d.amount(v)}",
    DeltaPerDay: lambda d, v: d.change(v),
    RollingMean: lambda d, v: f"{d.label} averages {d.amount(v)} over {d.days}",
    RollingStd: lambda d, v: d.spread(v),
    RollingMin: lambda d, v: f"{d.label} down to {d.amount(v)} in {d.days}",
    RollingMax: lambda d, v: f"{d.label} up to {d.amount(v)} in {d.days}",
    RatioToBaseline: lambda d, v: d.ratio(v),
    OutsideNormal: lambda d, v: f"{d.label} outside normal ({d.normal}) in {_counted(v, 'reading')} of {d.days}",
    Slope: lambda d, v: d.slope(v),
}
_ABOUT_NO_SIGNAL: dict[str, Callable[[float], str]] = {
    WorstDistance(()).name: lambda v: f"the worst signal is {_distance(v)}",
    SinceReading(0).name: lambda v: f"the reading before came {_counted(v, 'day')} earlier",
}


def _counted(value: float, noun: str) -> str:
    return f"{value:.0f} {noun}{'' if round(value) == 1 else 's'}"


def _distance(widths: float) -> str:
    """Outside, or from the nearer end if inside."""
    return f"{100 * abs(widths):,.0f} % of its normal range {'outside it' if widths > 0 else 'from a limit'}"


@cache
def _descriptions(profile: Profile) -> Mapping[str, _Description | _AttributeDescription]:
    """By predictor, in their order; cached, because a list puts hundreds of scores into words one by one."""
    described: dict[str, _Description | _AttributeDescription] = {
        signal.name: _Description(signal, None) for signal in profile.signals
    }
    for feature in (*profile.features, *profile.retired_features):
        if feature.signal:
            described[feature.name] = _Description(profile.signal(feature.signal), feature)
    return described | {one.predictor: _AttributeDescription(one) for one in profile.predicting_attributes}
