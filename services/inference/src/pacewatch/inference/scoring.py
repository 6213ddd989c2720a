"""From readings to risks and reasons: the part that only computes, for a whole batch at once, off the event loop."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.risk import RiskLevel
from pacewatch.inference import metrics
from pacewatch.inference.windows import Keys, Rows
from pacewatch.ml.factors import Factor
from pacewatch.ml.features import predictor_matrix
from pacewatch.ml.ml_engine import MLEngine

REASONS = 3


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one reading; `position` is the reading's place in the rows it was computed from."""

    device_id: int
    timestamp_s: int
    risk: float
    level: RiskLevel
    factors: Sequence[Factor]
    position: int


def level_of(risk: float, threshold: float) -> RiskLevel:
    """`high` from the threshold on, `elevated` from half of it."""
    if risk >= threshold:
        return RiskLevel.HIGH
    return RiskLevel.ELEVATED if risk >= threshold / 2 else RiskLevel.NORMAL


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


def score(engine: MLEngine, threshold: float, rows: Rows, wanted: Keys) -> list[Score]:
    """Score `wanted`, which are sorted and among `rows`."""
    if not len(wanted):
        return []
    began_s = time.perf_counter()
    keys, positions = rows.keys, rows.positions(wanted)
    chosen = np.zeros(len(keys), dtype=bool)
    chosen[positions] = True
    matrix = predictor_matrix(engine.profile, keys.device_ids, keys.timestamps_s, rows.signals, only=chosen)
    featured_s = time.perf_counter()
    risks, factors = engine.score(matrix, REASONS)
    metrics.SCORING_SECONDS.labels("features").observe(featured_s - began_s)
    metrics.SCORING_SECONDS.labels("model").observe(time.perf_counter() - featured_s)
    columns = zip(wanted.pairs(), risks.tolist(), factors, positions.tolist(), strict=True)
    return [
        Score(device, second, risk, level_of(risk, threshold), reasons, position)
        for (device, second), risk, reasons, position in columns
    ]


def newest_of(keys: Keys) -> Keys:
    """The newest of each device's readings; `keys` sorted by device and time."""
    return keys.where(np.append(keys.device_ids[1:] != keys.device_ids[:-1], True))
