"""A device profile from a file of the user's: YAML, or Python that defines one; nothing of a new fleet is coded here.

YAML has the fields of `Profile`; ranges are [low, high], and features are given by kind, signal and days:

    name: pump
    device_noun: pump
    device_field: pump_id
    signals:
      - {name: flow_l_min, label: flow, unit: l/min, plausible: [0, 100], normal: [10, 20], decimals: 1}
    required_features:
      - {kinds: [RollingMean, DeltaPerDay], signals: [flow_l_min], days: [3, 7]}
    label: {name: target_fail_next_7d, horizon_days: 7}
"""

import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

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

DEFAULTS = {"cadence_s": SECONDS_PER_DAY, "daily_alert_budget": 0.01, "epoch_s": 0}


def profile_of(name_or_path: str) -> Profile:
    """A known profile by name, or the one in a .yaml, .yml or .py file; LookupError or ValueError says why not."""
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        return from_mapping(yaml.safe_load(path.read_text()))
    if path.suffix == ".py":
        return _from_python(path)
    return by_name(name_or_path)


def from_mapping(values: Any) -> Profile:
    """The profile that a YAML document describes; ValueError names what is missing or unknown."""
    try:
        parts: dict[str, Any] = {**DEFAULTS, **values}
        parts["signals"] = tuple(_signal(dict(signal)) for signal in parts["signals"])
        parts["required_features"] = _features(parts["required_features"])
        parts["extra_features"] = _features(parts.get("extra_features", ()))
        parts["label"] = Label(**parts["label"])
        return Profile(**parts)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the profile is not complete: {error}") from error


def _signal(values: dict[str, Any]) -> Signal:
    ranges = {name: Range(*values[name]) for name in ("plausible", "normal")}
    return Signal(**values | ranges)


def _features(groups: Sequence[dict[str, Any]]) -> tuple[Feature, ...]:
    features: list[Feature] = []
    for group in groups:
        kinds = tuple(KINDS[name] for name in group["kinds"])
        features += windows(kinds, tuple(group["signals"]), tuple(group["days"]))
    return tuple(features)


def _from_python(path: Path) -> Profile:
    profiles = [value for value in runpy.run_path(str(path)).values() if isinstance(value, Profile)]
    if len(profiles) != 1:
        raise ValueError(f"{path.name} must define exactly one Profile, it defines {len(profiles)}")
    return profiles[0]
