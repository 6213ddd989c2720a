"""Chance that can be repeated: every day and purpose has a stream of its own.

So a fleet continued after N days equals one simulated in one go, and switching one thing on (a regime, a higher
`enrich`) leaves the noise of everything else as it was.
"""

import math
from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from pacewatch.simulator.sources.day import Floats, Ints

DAYS_PER_YEAR = 365.25
FOREVER_DAYS = 1e6
"""Longer than any run; stands for "never" without the perils of infinity."""


class Purpose(IntEnum):
    """What a stream is for. Append only: the numbers are part of what a seed means."""

    IMPLANT = auto()
    PING = auto()
    COURSE = auto()
    DECOY = auto()
    FAILURE = auto()
    NOISE = auto()
    LINK = auto()
    REPORT = auto()


def stream(seed: int, day: int, purpose: Purpose) -> np.random.Generator:
    """The generator for `purpose` on `day`, days counted from the start of the fleet."""
    return np.random.default_rng([seed, day, purpose])


def between(low: float, high: float, share: Floats) -> Floats:
    """The value `share` of the way from `low` to `high`."""
    return low + (high - low) * share


def seconds(days: Floats) -> Ints:
    """Whole seconds, rounded up, at most "never"."""
    whole: Ints = np.ceil(np.minimum(days, FOREVER_DAYS) * 86_400).astype(np.int64)
    return whole


@dataclass(frozen=True, slots=True)
class Wander:
    """An Ornstein-Uhlenbeck process seen once a day: standard deviation `sd`, memory of `tau_days`."""

    sd: float
    tau_days: float

    def start(self, rng: np.random.Generator, devices: int) -> Floats:
        """Where a process that has always been running is found."""
        return self.sd * rng.standard_normal(devices)

    def after_a_day(self, rng: np.random.Generator, now: Floats) -> Floats:
        """Where it is found one day later."""
        memory = math.exp(-1 / self.tau_days)
        return memory * now + self.sd * math.sqrt(1 - memory**2) * rng.standard_normal(len(now))
