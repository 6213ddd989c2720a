"""A device profile from a file of the user's: YAML, or Python that defines one; nothing of a new fleet is coded here.

YAML names the device field and the signals, with [low, high] of what a sensor can report and of what is normal. All
else has defaults: means and slopes over 3 and 7 days of every signal, and a failure within 7 days to predict:

    name: pump
    device_noun: pump
    device_field: pump_id
    signals:
      - {name: flow_l_min, label: flow, unit: l/min, plausible: [0, 100], normal: [10, 20], decimals: 1}
    required_features:
      - {kinds: [RollingMean, DeltaPerDay], signals: [flow_l_min], days: [3, 7]}
    extra_features:
      - {kinds: [RollingStd, RollingMin, RollingMax, RatioToBaseline], signals: [flow_l_min], days: [30]}
    label: {name: target_fail_next_7d, horizon_days: 7}
    daily_alert_budget: 0.01
"""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from pacewatch.contracts.profile import (
    SECONDS_PER_DAY,
    DeltaPerDay,
    Feature,
    Label,
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

KINDS: dict[str, Callable[[str, int], Feature]] = {
    kind.__name__: kind for kind in (RollingMean, DeltaPerDay, RollingStd, RollingMin, RollingMax, RatioToBaseline)
}


def profile_of(name_or_path: str) -> Profile:
    """A known profile by name, or the one in a .yaml, .yml or .py file; LookupError or ValueError says why not."""
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
        raise ValueError(f"{path.name} is no YAML: {error}") from None


def from_mapping(values: Any) -> Profile:
    """The profile that a YAML document describes; ValueError names all that is missing, unknown or wrong."""
    try:
        return _Profile.model_validate(values).made()
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg'].removeprefix('Value error, ')}"
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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Signal(_Part):
    name: str
    label: str = ""
    unit: str
    plausible: _Range
    normal: _Range
    decimals: int = 2

    def made(self) -> Signal:
        label = self.label or self.name.replace("_", " ")
        return Signal(self.name, label, self.unit, Range(*self.plausible), Range(*self.normal), self.decimals)


class _Features(_Part):
    kinds: tuple[_Kind, ...] = ("RollingMean", "DeltaPerDay")
    signals: tuple[str, ...]
    days: tuple[PositiveInt, ...] = (3, 7)


class _Label(_Part):
    name: str = "target_fail_next_7d"
    horizon_days: PositiveInt = 7


class _Profile(_Part):
    """As `Profile`, whose docstring says what each is for."""

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
    late_after_s: PositiveInt = SECONDS_PER_DAY
    retention_days: PositiveInt | None = None

    def made(self) -> Profile:
        names = tuple(signal.name for signal in self.signals)
        required = (_Features(signals=names),) if self.required_features is None else self.required_features
        plain = self.model_dump(exclude={"signals", "required_features", "extra_features", "label"})
        return Profile(
            **plain,
            signals=tuple(signal.made() for signal in self.signals),
            required_features=_windows(required, names),
            extra_features=_windows(self.extra_features, names),
            label=Label(self.label.name, self.label.horizon_days),
        )


def _windows(groups: tuple[_Features, ...], names: tuple[str, ...]) -> tuple[Feature, ...]:
    unknown = {name for group in groups for name in group.signals} - {*names}
    if unknown:
        raise ValueError(f"features of signals that are not there: {', '.join(sorted(unknown))}")
    return tuple(
        feature
        for group in groups
        for feature in windows(tuple(KINDS[kind] for kind in group.kinds), group.signals, group.days)
    )
