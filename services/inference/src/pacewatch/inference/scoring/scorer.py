"""From readings to risks and facts: pure computation for a whole batch, in a thread beside the event loop."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import NoLevel
from pacewatch.inference import metrics
from pacewatch.inference.scoring.levels import Thresholds, Verdict, Verdicts, confirmed, judge
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.baseline import baselines_of
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.features.history import is_settling, may_have_level
from pacewatch.ml.features.register import Register
from pacewatch.ml.models.facts import Facts
from pacewatch.ml.models.ml_engine import MLEngine

Explain = Callable[[], Facts]
"""Computes the facts about scores, one entry per score."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Readings, the risks that a model gives them, and the verdicts on these, one entry per reading.

    `raises` marks those that may raise an alert: high by the model, or at a hard limit for as many readings as an alert
    needs.
    """

    readings: Readings
    risks: Floats
    verdicts: Verdicts
    threshold: float
    raises: Bools

    def __len__(self) -> int:
        return len(self.readings)

    def where(self, chosen: Bools | Ints) -> "Scores":
        """The chosen entries."""
        arrays = (self.risks[chosen], self.verdicts[chosen], self.threshold, self.raises[chosen])
        return Scores(self.readings.where(chosen), *arrays)

    @property
    def high(self) -> Bools:
        """Which of them are high, by the model or by a limit."""
        return self.verdicts >= Verdict.HIGH

    def by_urgency(self) -> Ints:
        """Their positions, the most urgent first: by level, then by risk, then by device."""
        levels = np.minimum(self.verdicts, Verdict.HIGH)
        order: Ints = np.lexsort((self.readings.device_ids, -self.risks, -levels))
        return order

    def each_verdict(self) -> list[Verdict]:
        """The verdicts as values with names."""
        return [Verdict(number) for number in self.verdicts.tolist()]


def score(
    engine: MLEngine, threshold: float, readings: Readings, wanted: Readings, register: Register
) -> tuple[Scores, Explain]:
    """Score `wanted`, high from `threshold`: at least one, sorted, and all among the sorted `readings`.

    `register` has their attributes.
    """
    began_s = time.perf_counter()
    positions = readings.positions(wanted)
    predictors = _predictors(engine.profile, readings, positions, register)
    featured_s = time.perf_counter()
    risks, explain = engine.risk_and_facts(predictors)
    metrics.SCORING_SECONDS.labels("features").observe(featured_s - began_s)
    metrics.SCORING_SECONDS.labels("model").observe(time.perf_counter() - featured_s)
    enough = may_have_level(engine.profile, readings, positions, predictors)
    scored, thresholds = readings.where(positions), Thresholds.of(threshold, engine)
    settling = is_settling(engine.profile, predictors)
    verdicts = judge(engine.profile, scored.signals, risks, enough, settling, thresholds)
    before = baselines_of(engine.profile, readings, positions)
    raises = (risks >= threshold) & enough | confirmed(engine.profile, readings, positions)
    return Scores(scored, risks, verdicts, threshold, raises), lambda: explain(before)


@dataclass(frozen=True, slots=True)
class Lack:
    """What a reading lacks: predictors without a value; and in words, what its device waits for if it still settles."""

    missing: Sequence[str]
    settling: str

    def text(self, profile: Profile, no_level: NoLevel | None) -> str | None:
        """Why there is no level, in words; None with one."""
        if no_level is None or no_level is NoLevel.SETTLING:
            return self.settling if no_level else None
        return f"not enough history: levels by the model after {profile.least_history_days} days of readings"


def lacks_of(profile: Profile, readings: Readings, wanted: Readings, register: Register) -> list[Lack]:
    """What each of `wanted` lacks; everything else as in `score`."""
    predictors = _predictors(profile, readings, readings.positions(wanted), register)
    return [Lack(_missing(profile, row), _settling(profile, row)) for row in predictors]


def _missing(profile: Profile, row: Floats) -> Sequence[str]:
    return [name for name, is_absent in zip(profile.predictors, np.isnan(row), strict=True) if is_absent]


def _settling(profile: Profile, row: Floats) -> str:
    for attribute in profile.predicting_attributes:
        days = row[profile.predictors.index(attribute.predictor)]
        if days < attribute.settling_days:
            age, settled = f"{attribute.label} {days:.0f} days ago", attribute.settling_days
            return f"too new: {age}, levels by the model from day {settled} on"
    return ""


def _predictors(profile: Profile, readings: Readings, positions: Ints, register: Register) -> Floats:
    """The model's input for the readings at these positions, which rise."""
    chosen = np.zeros(len(readings), dtype=bool)
    chosen[positions] = True
    return predictor_matrix(profile, readings, only=chosen, register=register)


def newest_of(readings: Readings) -> Readings:
    """The keys of each device's newest reading; `readings` sorted by device and time."""
    return readings.keys.where(np.append(readings.device_ids[1:] != readings.device_ids[:-1], True))
