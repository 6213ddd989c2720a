"""Which level a score has: by the model's thresholds, or by a hard limit of the profile, which no model overrules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import DecidedBy, NoLevel, RiskLevel
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.models.ml_engine import MLEngine

Verdicts = NDArray[np.int16]
"""One `Verdict` a score."""


class Verdict(IntEnum):
    """The level of a score and what decided it, from harmless to urgent; stored with the score as this number."""

    SETTLING = -1
    NO_HISTORY = 0
    NORMAL = 1
    ELEVATED = 2
    HIGH = 3
    LIMIT = 4

    @property
    def level(self) -> RiskLevel | None:
        """None without enough history, or while the device settles."""
        return _LEVELS[self]

    @property
    def decided_by(self) -> DecidedBy | None:
        """None without a level."""
        if self.level is None:
            return None
        return DecidedBy.LIMIT if self is Verdict.LIMIT else DecidedBy.MODEL

    @property
    def no_level(self) -> NoLevel | None:
        """Why there is no level; None with one."""
        return _NO_LEVELS.get(self)


_LEVELS: Final[Mapping[Verdict, RiskLevel | None]] = {
    Verdict.SETTLING: None,
    Verdict.NO_HISTORY: None,
    Verdict.NORMAL: RiskLevel.NORMAL,
    Verdict.ELEVATED: RiskLevel.ELEVATED,
    Verdict.HIGH: RiskLevel.HIGH,
    Verdict.LIMIT: RiskLevel.HIGH,
}

_NO_LEVELS: Final[Mapping[Verdict, NoLevel]] = {
    Verdict.SETTLING: NoLevel.SETTLING,
    Verdict.NO_HISTORY: NoLevel.NOT_ENOUGH_HISTORY,
}

_RANK: Final = (RiskLevel.NORMAL, RiskLevel.ELEVATED, RiskLevel.HIGH).index


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The risks from which a score of one model is high and elevated."""

    high: float
    elevated: float

    @classmethod
    def of(cls, high: float, engine: MLEngine) -> "Thresholds":
        """With this operating threshold; models of releases without an `elevated_threshold` are elevated from half."""
        elevated = engine.elevated_threshold
        return cls(high, high / 2 if elevated is None else min(elevated, high))


def judge(
    profile: Profile,
    signals: Mapping[str, Floats],
    risks: Floats,
    may_have_level: Bools,
    settling: Bools,
    thresholds: Thresholds,
) -> Verdicts:
    """The verdict on each score; all arrays have one entry per score."""
    found = (1 + (risks >= thresholds.elevated) + (risks >= thresholds.high)).astype(np.int16)
    found[~may_have_level] = Verdict.NO_HISTORY
    found[settling] = Verdict.SETTLING
    for limit in profile.limits:
        found[limit.is_reached(signals[limit.signal])] = Verdict.LIMIT
    return found


def confirmed(profile: Profile, readings: Readings, positions: Ints) -> Bools:
    """Whether a hard limit is reached by as many readings in a row as an alert needs, or by all that are known.

    Of the readings at these positions; `readings` are sorted by device and time.
    """
    found = np.zeros(len(positions), dtype=bool)
    for limit in profile.limits:
        reached = limit.is_reached(readings.signals[limit.signal])
        in_a_row = reached[positions]
        for back in range(1, limit.readings):
            earlier = np.maximum(positions - back, 0)
            is_known = (positions >= back) & (readings.device_ids[earlier] == readings.device_ids[positions])
            in_a_row = in_a_row & (reached[earlier] | ~is_known)
        found |= in_a_row
    return found


def stored_verdict(number: int | None, risk: float, threshold: float) -> Verdict:
    """The verdict on a stored score. Releases that stored none called a risk elevated from half the threshold."""
    if number is not None:
        return Verdict(number)
    return Verdict(Verdict.NORMAL + (risk >= threshold / 2) + (risk >= threshold))


def count_moves(before: Sequence[RiskLevel | None], after: Sequence[RiskLevel | None]) -> tuple[int, int]:
    """How many of these levels rise and how many fall; one that appears or disappears does neither."""
    steps = [_RANK(new) - _RANK(old) for old, new in zip(before, after, strict=True) if old and new]
    return sum(step > 0 for step in steps), sum(step < 0 for step in steps)


def recovered(profile: Profile, signals: Mapping[str, Floats]) -> Bools:
    """Whether all signals with a hard limit are normal again: a value that wavers about its limit is still a danger."""
    normal = np.ones(len(next(iter(signals.values()))), dtype=bool)
    for limit in profile.limits:
        values, healthy = signals[limit.signal], profile.signal(limit.signal).normal
        normal &= (values >= healthy.low) & (values <= healthy.high)
    return normal
