"""From readings to risks and reasons: the part that only computes, for a whole batch at once, off the event loop."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference import metrics
from pacewatch.inference.windows.readings import Keys, Rows
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.models.factors import TopContributions
from pacewatch.ml.models.ml_engine import MLEngine

REASONS = 3
Explain = Callable[[], TopContributions]
_LEVELS = (RiskLevel.NORMAL, RiskLevel.ELEVATED, RiskLevel.HIGH)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of readings, one entry a reading; `positions` are their places in the rows behind them."""

    keys: Keys
    risks: Floats
    positions: Ints
    threshold: float

    def __len__(self) -> int:
        return len(self.keys)

    def where(self, chosen: Bools | Sequence[int]) -> "Scores":
        """Those that are chosen."""
        at = np.asarray(chosen)
        keys = Keys(self.keys.device_ids[at], self.keys.timestamps_s[at])
        return Scores(keys, self.risks[at], self.positions[at], self.threshold)

    @property
    def levels(self) -> list[RiskLevel]:
        """How high each risk is."""
        return [_LEVELS[step] for step in _steps(self.risks, self.threshold).tolist()]


def level_of(risk: float, threshold: float) -> RiskLevel:
    """`high` from the threshold on, `elevated` from half of it."""
    return _LEVELS[_steps(np.float64(risk), threshold)]


def _steps(risks: Any, threshold: float) -> Any:
    return (risks >= threshold / 2).astype(np.int8) + (risks >= threshold)


def with_history(rows: Rows, wanted: Keys, profile: Profile, least_s: float) -> Keys:
    """Those of `wanted` whose device was heard from at least `least_s` before, within the longest window.

    Judged by the window alone, so that it does not depend on how readings were cut into batches.
    """
    if least_s <= 0:
        return wanted
    at = rows.positions(Keys(wanted.device_ids, wanted.timestamps_s - int(least_s)), side="right") - 1
    opens_s = wanted.timestamps_s - profile.longest_window_days * SECONDS_PER_DAY
    known = (at >= 0) & (rows.keys.device_ids[at] == wanted.device_ids) & (rows.keys.timestamps_s[at] > opens_s)
    return wanted.where(known)


def score(engine: MLEngine, threshold: float, rows: Rows, wanted: Keys) -> tuple[Scores, Explain]:
    """Score `wanted`, at least one, sorted and among `rows`; and what gives the reasons, one entry a score."""
    began_s = time.perf_counter()
    keys, positions = rows.keys, rows.positions(wanted)
    chosen = np.zeros(len(keys), dtype=bool)
    chosen[positions] = True
    matrix = predictor_matrix(engine.profile, Readings(keys.device_ids, keys.timestamps_s, rows.signals), only=chosen)
    featured_s = time.perf_counter()
    risks, explain = engine.risk_and_contributions(matrix, REASONS)
    metrics.SCORING_SECONDS.labels("features").observe(featured_s - began_s)
    metrics.SCORING_SECONDS.labels("model").observe(time.perf_counter() - featured_s)
    return Scores(wanted, risks, positions, threshold), explain


def newest_of(keys: Keys) -> Keys:
    """The newest of each device's readings; `keys` sorted by device and time."""
    return keys.where(np.append(keys.device_ids[1:] != keys.device_ids[:-1], True))
