"""From readings to risks and contributions: pure computation for a whole batch, in a thread beside the event loop."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference import metrics
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.features.register import Register
from pacewatch.ml.models.factors import TopContributions
from pacewatch.ml.models.ml_engine import MLEngine

CONTRIBUTIONS = 3
"""How many of the largest contributions a score stores."""

Explain = Callable[[], TopContributions]
"""Computes the largest contributions of scores, one entry per score."""

_LEVELS = (RiskLevel.NORMAL, RiskLevel.ELEVATED, RiskLevel.HIGH)


@dataclass(frozen=True, slots=True)
class Scores:
    """Readings and the risks that a model with this operating threshold gives them, one entry per reading."""

    readings: Readings
    risks: Floats
    threshold: float

    def __len__(self) -> int:
        return len(self.readings)

    def where(self, chosen: Bools | Ints) -> "Scores":
        """The chosen entries."""
        return Scores(self.readings.where(chosen), self.risks[chosen], self.threshold)

    @property
    def levels(self) -> Sequence[RiskLevel]:
        """The level of each risk."""
        return [_LEVELS[step] for step in _steps(self.risks, self.threshold).tolist()]


def level_of(risk: float, threshold: float) -> RiskLevel:
    """`high` from the threshold, `elevated` from half of it, else `normal`."""
    return _LEVELS[_steps(np.float64(risk), threshold)]


def _steps(risks: Any, threshold: float) -> Any:
    return (risks >= threshold / 2).astype(np.int8) + (risks >= threshold)


def with_history(readings: Readings, wanted: Readings, profile: Profile, least_s: float) -> Readings:
    """Those of `wanted` whose device has an earlier reading, by `least_s` or more, within the longest window.

    Decided by the readings of the window alone, so that it does not depend on how they were cut into batches.
    """
    if least_s <= 0:
        return wanted
    latest_start = Readings(wanted.device_ids, wanted.timestamps_s - int(least_s))
    at = readings.positions(latest_start, side="right") - 1
    opens_s = wanted.timestamps_s - profile.longest_window_days * SECONDS_PER_DAY
    known = (at >= 0) & (readings.device_ids[at] == wanted.device_ids) & (readings.timestamps_s[at] > opens_s)
    return wanted.where(known)


def score(
    engine: MLEngine, threshold: float, readings: Readings, wanted: Readings, register: Register
) -> tuple[Scores, Explain]:
    """Score `wanted`: at least one, sorted, and all among the sorted `readings`; `register` has their attributes."""
    began_s = time.perf_counter()
    positions = readings.positions(wanted)
    chosen = np.zeros(len(readings), dtype=bool)
    chosen[positions] = True
    predictors = predictor_matrix(engine.profile, readings, only=chosen, register=register)
    featured_s = time.perf_counter()
    risks, explain = engine.risk_and_contributions(predictors, CONTRIBUTIONS)
    metrics.SCORING_SECONDS.labels("features").observe(featured_s - began_s)
    metrics.SCORING_SECONDS.labels("model").observe(time.perf_counter() - featured_s)
    return Scores(readings.where(positions), risks, threshold), explain


def newest_of(readings: Readings) -> Readings:
    """The keys of each device's newest reading; `readings` sorted by device and time."""
    return readings.keys.where(np.append(readings.device_ids[1:] != readings.device_ids[:-1], True))
