"""Repeatable random numbers: every day and purpose has its own stream.

A fleet continued after N days therefore equals one simulated in a single run, and switching one thing on (a regime, a
higher `enrich`) leaves the noise of everything else unchanged.
"""

import math
from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from pacewatch.kit.columns.arrays import Floats, Ints

DAYS_PER_YEAR = 365.25
NEVER_DAYS = 1e6
"""Longer than any run: stands for "never" without the arithmetic of infinity."""


class Purpose(IntEnum):
    """What a stream is used for. Append only: the numbers decide what data a seed gives."""

    IMPLANT = auto()
    PING = auto()
    DRIFT = auto()
    DECOY = auto()
    FAILURE = auto()
    NOISE = auto()
    LINK = auto()
    REPORT = auto()


def stream(seed: int, day: int, purpose: Purpose) -> np.random.Generator:
    """The generator for `purpose` on `day`, days counted from the start of the fleet."""
    return np.random.default_rng([seed, day, purpose])


def interpolate(low: float, high: float, share: Floats) -> Floats:
    """The value `share` of the way from `low` to `high`."""
    return low + (high - low) * share


def whole_seconds(days: Floats) -> Ints:
    """Days as whole seconds, rounded up, at most NEVER_DAYS."""
    seconds: Ints = np.ceil(np.minimum(days, NEVER_DAYS) * 86_400).astype(np.int64)
    return seconds


@dataclass(frozen=True, slots=True)
class OrnsteinUhlenbeck:
    """A mean-reverting random walk sampled once a day: standard deviation `sd`, correlation time `tau_days`."""

    sd: float
    tau_days: float

    def draw(self, rng: np.random.Generator, devices: int) -> Floats:
        """Values from the stationary distribution."""
        return self.sd * rng.standard_normal(devices)

    def next_day(self, rng: np.random.Generator, today: Floats) -> Floats:
        """The values one day later."""
        correlation = math.exp(-1 / self.tau_days)
        return correlation * today + self.sd * math.sqrt(1 - correlation**2) * rng.standard_normal(len(today))
