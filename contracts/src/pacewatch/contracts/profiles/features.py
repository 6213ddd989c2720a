"""Features of what a clinician counts: readings outside the normal range, slopes, the worst signal, gaps.

The other kinds are in `profile`, where artifacts of earlier releases look for them.
"""

from dataclasses import dataclass

from pacewatch.contracts.profile import Range, Signal


@dataclass(frozen=True, slots=True)
class OutsideNormal:
    """How many readings in (t - days, t] are outside [low, high], the signal's normal range."""

    signal: str
    days: int
    low: float
    high: float

    @property
    def name(self) -> str:
        return f"{self.signal}_outside_normal_{self.days}d"


@dataclass(frozen=True, slots=True)
class Slope:
    """Least-squares slope of the readings in (t - days, t], in the signal's unit a day.

    Readings are rounded to multiples of `step`: whole numbers have sums without rounding.
    """

    signal: str
    days: int
    step: float

    @property
    def name(self) -> str:
        return f"{self.signal}_slope_{self.days}d"


@dataclass(frozen=True, slots=True)
class WorstDistance:
    """The hand rule: how far the worst signal is outside its normal range, in widths of that range; negative inside."""

    normal: tuple[tuple[str, Range], ...]
    signal: str = ""
    days: int = 0

    @property
    def name(self) -> str:
        return "worst_distance"


@dataclass(frozen=True, slots=True)
class SinceReading:
    """Days since the device's reading before; missing if that is `days` or more."""

    days: int
    signal: str = ""

    @property
    def name(self) -> str:
        return "days_since_reading"


def outside_normal(signal: Signal, days: int) -> OutsideNormal:
    """Of the signal's own normal range."""
    return OutsideNormal(signal.name, days, signal.normal.low, signal.normal.high)


def slope(signal: Signal, days: int) -> Slope:
    """Of readings with two more decimals than are shown."""
    return Slope(signal.name, days, 10.0 ** -(signal.decimals + 2))


def worst_distance(signals: tuple[Signal, ...]) -> WorstDistance:
    """Of these signals, each with its own normal range."""
    return WorstDistance(tuple((signal.name, signal.normal) for signal in signals))
