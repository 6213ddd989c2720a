"""A device profile from a file: YAML, or Python that defines one. A new fleet needs no change of this code.

YAML has the device field and the signals, each with the [low, high] of plausible and of normal values. All other
fields have defaults: means and slopes over 3 and 7 days of every signal, and a horizon of 7 days:

    name: pump
    device_noun: pump
    device_field: pump_id
    signals:
      - {name: flow_l_min, label: flow, unit: l/min, plausible: [0, 100], normal: [10, 20], decimals: 1}
    required_features:
      - {kinds: [RollingMean, DeltaPerDay], signals: [flow_l_min], days: [3, 7]}
    extra_features:
      - {kinds: [RollingStd, RollingMin, RollingMax, RatioToBaseline], signals: [flow_l_min], days: [30]}
    attributes:
      - {name: installed_at, label: installed, kind: date, is_predictor: true}
      - {name: model, kind: text, is_predictor: true, values: [A, B]}
    label: {name: target_fail_next_7d, horizon_days: 7}
    daily_alert_budget: 0.01
    limits:
      - {signal: flow_l_min, side: low, value: 2, meaning: blocked}
"""

import runpy
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from pacewatch.contracts.profile import (
    SECONDS_PER_DAY,
    Attribute,
    AttributeKind,
    DeltaPerDay,
    Feature,
    Label,
    Limit,
    Profile,
    Range,
    RatioToBaseline,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
    Signal,
    windows,
)
from pacewatch.contracts.profiles import by_name
from pacewatch.contracts.profiles.features import outside_normal, slope


def _by_name(kind: Callable[[str, int], Feature]) -> Callable[[Signal, int], Feature]:
    return lambda signal, days: kind(signal.name, days)


KINDS: dict[str, Callable[[Signal, int], Feature]] = {
    kind.__name__: _by_name(kind)
    for kind in (RollingMean, DeltaPerDay, RollingStd, RollingMin, RollingMax, RatioToBaseline)
} | {"OutsideNormal": outside_normal, "Slope": slope}


def profile_of(name_or_path: str) -> Profile:
    """A built-in profile by name, or the profile in a .yaml, .yml or .py file; LookupError or ValueError if neither."""
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        return from_mapping(_yaml(path))
    if path.suffix == ".py":
        return _from_python(path)
    return by_name(name_or_path)


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is not YAML: {error}") from None


def from_mapping(values: Any) -> Profile:
    """The profile of a YAML document; ValueError names every missing, unknown and wrong field."""
    try:
        return _Profile.model_validate(values).to_profile()
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, one['loc'])) or 'profile'}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        )
        raise ValueError(f"the profile is not complete: {'; '.join(wrong)}") from None


def _from_python(path: Path) -> Profile:
    profiles = [value for value in runpy.run_path(str(path)).values() if isinstance(value, Profile)]
    if len(profiles) != 1:
        raise ValueError(f"{path.name} must define exactly one Profile, it defines {len(profiles)}")
    return profiles[0]


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if not ends[0] < ends[1]:
        raise ValueError("must be [low, high]")
    return ends


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return kind


_Range = Annotated[tuple[float, float], AfterValidator(_ordered)]
_Kind = Annotated[str, AfterValidator(_known)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Signal(_Strict):
    name: str
    label: str = ""
    unit: str
    plausible: _Range
    normal: _Range
    decimals: int = 2

    @model_validator(mode="after")
    def _has_normal_within_plausible(self) -> Self:
        if self.normal[0] < self.plausible[0] or self.normal[1] > self.plausible[1]:
            raise ValueError(f"normal of {self.name} is outside plausible: no reading could be there")
        return self

    def to_signal(self) -> Signal:
        label = self.label or self.name.replace("_", " ")
        return Signal(self.name, label, self.unit, Range(*self.plausible), Range(*self.normal), self.decimals)


class _Features(_Strict):
    kinds: tuple[_Kind, ...] = ("RollingMean", "DeltaPerDay")
    signals: tuple[str, ...]
    days: tuple[PositiveInt, ...] = (3, 7)


class _Label(_Strict):
    name: str = "target_fail_next_7d"
    horizon_days: PositiveInt = 7


class _Attribute(_Strict):
    name: str
    label: str = ""
    kind: AttributeKind
    is_predictor: bool = False
    values: tuple[str, ...] = ()
    settling_days: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _has_values_if_the_model_sees_a_text(self) -> Self:
        if (self.kind is AttributeKind.TEXT and self.is_predictor) != bool(self.values):
            raise ValueError("values: give them for a text that is a predictor, and for nothing else")
        if self.settling_days and (self.kind is not AttributeKind.DATE or not self.is_predictor):
            raise ValueError("settling_days: give them for a date that is a predictor, and for nothing else")
        return self

    def to_attribute(self) -> Attribute:
        label = self.label or self.name.replace("_", " ")
        return Attribute(self.name, label, self.kind, self.is_predictor, self.values, self.settling_days)


class _Limit(_Strict):
    signal: str
    side: Literal["low", "high"]
    value: float
    meaning: str
    readings: Annotated[int, Field(ge=1)] = 1

    def is_inside(self, signal: Signal) -> bool:
        """Whether a normal reading is beyond it."""
        return self.value > signal.normal.low if self.side == "low" else self.value < signal.normal.high


class _Profile(_Strict):
    """The fields of `Profile`, whose docstring describes them."""

    name: str
    device_noun: str = "device"
    device_field: str
    signals: Annotated[tuple[_Signal, ...], Field(min_length=1)]
    required_features: tuple[_Features, ...] | None = None
    extra_features: tuple[_Features, ...] = ()
    label: _Label = _Label()
    cadence_s: PositiveInt = SECONDS_PER_DAY
    daily_alert_budget: Annotated[float, Field(gt=0, lt=1)] = 0.01
    epoch_s: int = 0
    limits: tuple[_Limit, ...] = ()
    least_history_days: PositiveInt = 3
    late_after_s: PositiveInt = SECONDS_PER_DAY
    retention_days: PositiveInt | None = None
    attributes: tuple[_Attribute, ...] = ()

    def to_profile(self) -> Profile:
        signals = {signal.name: signal.to_signal() for signal in self.signals}
        names = tuple(signals)
        required = (_Features(signals=names),) if self.required_features is None else self.required_features
        _check_known("limits", (limit.signal for limit in self.limits), names)
        for limit in self.limits:
            _check_limit(limit, signals[limit.signal])
        _check_once("signals", [signal.name for signal in self.signals])
        _check_once("attributes", [attribute.name for attribute in self.attributes])
        other = {"signals", "required_features", "extra_features", "label", "limits", "attributes"}
        same = self.model_dump(exclude=other)
        return Profile(
            **same,
            signals=tuple(signals.values()),
            required_features=_windows(required, signals),
            extra_features=_windows(self.extra_features, signals),
            label=Label(self.label.name, self.label.horizon_days),
            attributes=tuple(attribute.to_attribute() for attribute in self.attributes),
            limits=tuple(Limit(**limit.model_dump()) for limit in self.limits),
        )


def _check_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    if unknown := {*names} - {*known}:
        raise ValueError(f"{what} of unknown signals: {', '.join(sorted(unknown))}")


def _check_once(what: str, names: Sequence[str]) -> None:
    if repeated := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"{what} declared more than once: {', '.join(repeated)}")


def _check_limit(limit: _Limit, signal: Signal) -> None:
    """A limit that no reading reaches would never be one; one that a normal reading reaches would always be."""
    about = f"limits: {limit.side} {limit.value:g} of {limit.signal}"
    if limit.value not in signal.plausible:
        raise ValueError(f"{about} is outside plausible: no reading could be there")
    if limit.is_inside(signal):
        raise ValueError(f"{about} is inside normal: healthy readings would reach it")


def _windows(groups: tuple[_Features, ...], signals: Mapping[str, Signal]) -> tuple[Feature, ...]:
    _check_known("features", (name for group in groups for name in group.signals), signals)
    return tuple(
        feature
        for group in groups
        for feature in windows(
            tuple(KINDS[kind] for kind in group.kinds), tuple(signals[name] for name in group.signals), group.days
        )
    )
