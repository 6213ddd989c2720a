"""A device profile: the only place that names a signal.

Row models, table columns, features, dashboard columns and mail texts are derived from it, so a second fleet needs a new
profile and no new code.

Signed model artifacts pickle a profile with its features: moving a class out of this module makes old artifacts
unreadable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, TypeVar

SECONDS_PER_DAY = 86_400

COVERAGE_SLACK_DAYS = 7
"""A window counts as covered if the device reported in the week before the window opens, or within half a day after.

The rule looks at a bounded past, not at the first reading of the device, so a score can be computed, bit for bit, from
the last `Profile.longest_window_days` days alone.
"""


@dataclass(frozen=True, slots=True)
class Range:
    """Closed interval, in the unit of its signal."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured quantity.

    `plausible` is what a working sensor can report: ingest rejects a reading outside. `normal` is what a healthy device
    reports: the dashboard marks a value outside, and the hand rule uses this range.
    """

    name: str
    label: str
    unit: str
    plausible: Range
    normal: Range
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Limit:
    """A hard limit: a reading at or beyond `value` is high, even if a model says otherwise.

    `meaning` is what such a value stands for. An alert is raised when `readings` in a row are there: the noise of a
    signal that slowly nears its limit reaches it long before the signal does.
    """

    signal: str
    side: Literal["low", "high"]
    value: float
    meaning: str
    readings: int = 1

    def is_reached(self, values: Any) -> Any:
        """Whether a value is at or beyond the limit; of an array, for each of its elements."""
        return values <= self.value if self.side == "low" else values >= self.value


class Feature(Protocol):
    """One predictor computed from trailing readings; `signal` is empty if it is about no single one."""

    @property
    def signal(self) -> str: ...

    @property
    def days(self) -> int: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RollingMean:
    """Mean of the readings in (t - days, t], in the signal's unit."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_rolling_mean_{self.days}d"


@dataclass(frozen=True, slots=True)
class DeltaPerDay:
    """(x(t) - x(a)) / days between, a the reading nearest to t - days, at most half a day off."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_delta_per_day_{self.days}d"


@dataclass(frozen=True, slots=True)
class RollingStd:
    """Population standard deviation of the readings in (t - days, t], in the signal's unit; of one it is unknown."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_rolling_std_{self.days}d"


@dataclass(frozen=True, slots=True)
class RollingMin:
    """Smallest reading in (t - days, t], in the signal's unit."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_rolling_min_{self.days}d"


@dataclass(frozen=True, slots=True)
class RollingMax:
    """Largest reading in (t - days, t], in the signal's unit."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_rolling_max_{self.days}d"


@dataclass(frozen=True, slots=True)
class RatioToBaseline:
    """x(t) divided by the mean of the device's readings in (t - days, t]; no unit."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_ratio_to_baseline_{self.days}d"


@dataclass(frozen=True, slots=True)
class Label:
    """What the model predicts: a failure of the device within `horizon_days` after the reading."""

    name: str
    horizon_days: int

    @property
    def horizon_s(self) -> int:
        return self.horizon_days * SECONDS_PER_DAY


class AttributeKind(StrEnum):
    """What the values of an attribute are; a date is a moment, in Unix seconds."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a device is and does not measure, as the register of devices says: its model, when it was implanted.

    `is_predictor`: the model sees it. A number is seen as it is, a date as the days from it to the reading, a text as
    its position in `values`, the texts that the model knows. Anything else, or before the date, is missing (NaN).
    `settling_days`: until so many days after this date, if it is known, a device has no level but by hard limits.
    """

    name: str
    label: str
    kind: AttributeKind
    is_predictor: bool = False
    values: tuple[str, ...] = ()
    settling_days: int = 0

    @property
    def predictor(self) -> str:
        """The name of its column in the model's input."""
        names = {AttributeKind.DATE: f"days_since_{self.name}", AttributeKind.TEXT: f"{self.name}_code"}
        return names.get(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything the platform knows about one kind of device.

    `attributes`: what the register of devices records of each device.
    `required_features`: columns of the published data set beside the raw signals; `extra_features`: more predictors;
    `retired_features`: predictors of models of the release before, which score until the next is trained.
    `daily_alert_budget`: the share of devices that may raise an alert on one day.
    `limits`: hard limits, which apply from the first reading on.
    `least_history_days`: a score has no level until a window of so many days is covered.
    `epoch_s` (Unix seconds): when the first such device could have reported; ingest rejects older timestamps.
    `late_after_s`: a live reading that arrives longer than this after its timestamp is late.
    `retention_days`: how long `pacewatch retention` keeps readings; None keeps all of them.
    """

    name: str
    device_noun: str
    device_field: str
    signals: tuple[Signal, ...]
    required_features: tuple[Feature, ...]
    extra_features: tuple[Feature, ...]
    label: Label
    cadence_s: int
    daily_alert_budget: float
    epoch_s: int
    retired_features: tuple[Feature, ...] = ()
    limits: tuple[Limit, ...] = ()
    least_history_days: int = 3
    late_after_s: int = SECONDS_PER_DAY
    retention_days: int | None = None
    attributes: tuple[Attribute, ...] = ()

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.required_features + self.extra_features

    @property
    def signal_names(self) -> tuple[str, ...]:
        return tuple(signal.name for signal in self.signals)

    @property
    def required_predictors(self) -> tuple[str, ...]:
        """The raw signals and the required features, in the column order of the data set."""
        return self.signal_names + tuple(feature.name for feature in self.required_features)

    @property
    def predicting_attributes(self) -> tuple[Attribute, ...]:
        """The attributes that the model sees."""
        return tuple(attribute for attribute in self.attributes if attribute.is_predictor)

    @property
    def predictors(self) -> tuple[str, ...]:
        """Every input column of the model, in a fixed order: signals, features, attributes."""
        attributes = tuple(attribute.predictor for attribute in self.predicting_attributes)
        return self.signal_names + tuple(feature.name for feature in self.features) + attributes

    @property
    def longest_window_days(self) -> int:
        """Days of history that one score depends on: the longest window plus COVERAGE_SLACK_DAYS."""
        return max([self.least_history_days, *(feature.days for feature in self.features)]) + COVERAGE_SLACK_DAYS

    def signal(self, name: str) -> Signal:
        """The signal named `name`; KeyError if this profile has none."""
        for signal in self.signals:
            if signal.name == name:
                return signal
        raise KeyError(name)


AnySignal = TypeVar("AnySignal", str, Signal)


def windows(
    kinds: tuple[Callable[[AnySignal, int], Feature], ...], signals: tuple[AnySignal, ...], days: tuple[int, ...]
) -> tuple[Feature, ...]:
    """One feature for every kind, signal (or its name, as the kinds need it) and window length, in that order."""
    return tuple(kind(signal, n) for kind in kinds for signal in signals for n in days)
