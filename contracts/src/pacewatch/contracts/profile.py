"""A device profile: the one place that names a signal.

Row models, table columns, features, dashboard columns and mail texts all come from here, so a second fleet is a new
profile and not new code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SECONDS_PER_DAY = 86_400

COVERAGE_SLACK_DAYS = 7
"""A window counts as covered when the device was heard from in the week before it opened, or within half a day after.

Judging by a bounded past and not by the device's first reading ever lets a score be computed, bit for bit, from the
last `Profile.longest_window_days` days alone.
"""


@dataclass(frozen=True, slots=True)
class Range:
    """Closed interval, in the unit of the signal it belongs to."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured quantity.

    `plausible` is what a working sensor can report: a reading outside is rejected at the door. `normal` is what a
    healthy device reports: a reading outside is shown, and is what the hand rule looks at.
    """

    name: str
    label: str
    unit: str
    plausible: Range
    normal: Range
    decimals: int = 2


class Feature(Protocol):
    """One predictor derived from the trailing readings of one signal."""

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
    """(x(t) - x(a)) / days between, a being the reading nearest to t - days, within half a day."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_delta_per_day_{self.days}d"


@dataclass(frozen=True, slots=True)
class RollingStd:
    """Population standard deviation of the readings in (t - days, t], in the signal's unit."""

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
    """x(t) over the device's own mean in (t - days, t]; no unit."""

    signal: str
    days: int

    @property
    def name(self) -> str:
        return f"{self.signal}_ratio_to_baseline_{self.days}d"


@dataclass(frozen=True, slots=True)
class Label:
    """What is predicted: a failure of the device within `horizon_days` after the reading."""

    name: str
    horizon_days: int

    @property
    def horizon_s(self) -> int:
        return self.horizon_days * SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything the platform knows about one kind of device.

    `required_features` are the columns of the published data set, beside the raw signals; `extra_features` carry
    further signal for the model. `daily_alert_budget` is the share of devices that may be called out on one day.
    `epoch_s` (Unix seconds) is when the first such device could have sent anything: older stamps are refused.
    `late_after_s` is how long after it was measured a live reading may come before it counts as late.
    `retention_days` is how long readings are kept, once somebody runs `pacewatch retention`; None keeps them all.
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
    late_after_s: int = SECONDS_PER_DAY
    retention_days: int | None = None

    @property
    def features(self) -> tuple[Feature, ...]:
        return self.required_features + self.extra_features

    @property
    def signal_names(self) -> tuple[str, ...]:
        return tuple(signal.name for signal in self.signals)

    @property
    def required_predictors(self) -> tuple[str, ...]:
        """The raw signals and the required features, in the order of the data set's columns."""
        return self.signal_names + tuple(feature.name for feature in self.required_features)

    @property
    def predictors(self) -> tuple[str, ...]:
        """Every column the model may see, in a fixed order."""
        return self.signal_names + tuple(feature.name for feature in self.features)

    @property
    def longest_window_days(self) -> int:
        """How many days of history one score can depend on: the longest feature and the days that cover its opening."""
        return max((feature.days for feature in self.features), default=0) + COVERAGE_SLACK_DAYS

    def signal(self, name: str) -> Signal:
        """The signal called `name`; KeyError if this profile has none."""
        for signal in self.signals:
            if signal.name == name:
                return signal
        raise KeyError(name)


def windows(
    kinds: tuple[Callable[[str, int], Feature], ...], signals: tuple[str, ...], days: tuple[int, ...]
) -> tuple[Feature, ...]:
    """Every kind of feature for every signal over every window, in that order."""
    return tuple(kind(signal, n) for kind in kinds for signal in signals for n in days)
