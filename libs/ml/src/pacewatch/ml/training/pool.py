"""The pool: predictions of rows by models that had not seen them. It chooses, and by nested origins it judges.

At each origin every algorithm predicted the rows up to the next. What is judged at an origin is the whole procedure:
the algorithm, calibration and threshold that the predictions of earlier origins choose. So no choice saw what judges
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.ml.evaluation.budget import elevated_threshold_for, threshold_for
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.models import calibration
from pacewatch.ml.models.calibration import Scaling
from pacewatch.ml.training.selection import Candidate, candidate, default_of, select
from pacewatch.ml.training.splits import Rolling

NESTED = "nested origins"
ONE_ORIGIN = "one origin, without a choice"


@dataclass(frozen=True, slots=True)
class Pool:
    """The rows of all origins, sorted by device and time; of each its origin, and its log-odds by each algorithm."""

    rows: Holdout
    origin: Ints
    log_odds: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is carried over to a fit: algorithm, calibration, thresholds; and what it was chosen from.

    `threshold` is the operating one; `elevated` is where a risk begins to be elevated.
    """

    algorithm: str
    scaling: Scaling
    threshold: float
    elevated: float
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """The pool as it was judged: risk and operating threshold of each row, and the choice at each origin."""

    risk: Floats
    threshold: Floats
    choices: tuple[Choice, ...]

    @property
    def by(self) -> str:
        """In words, for the report and the manifest."""
        return NESTED if any(choice.candidates for choice in self.choices) else ONE_ORIGIN


def choose(profile: Profile, pool: Pool, failures: Failures, rows: Bools | None = None) -> Choice:
    """The choice by all rows of the pool, or by these."""
    seen = pool.rows if rows is None else pool.rows.where(rows)
    log_odds = pool.log_odds if rows is None else {name: odds[rows] for name, odds in pool.log_odds.items()}
    candidates = tuple(candidate(profile, name, seen, odds, failures) for name, odds in log_odds.items())
    algorithm = select(candidates)
    scaling = calibration.fitted(log_odds[algorithm], seen.labels)
    risk, budget = scaling.risk(log_odds[algorithm]), profile.daily_alert_budget
    thresholds = threshold_for(seen, risk, budget), elevated_threshold_for(seen, risk, budget)
    return Choice(algorithm, scaling, *thresholds, candidates)


def judge(profile: Profile, pool: Pool, rolling: Rolling, failures: Failures) -> Judged:
    """Every row by the choice of what is older than its origin, less the embargo."""
    risk, threshold = np.empty(len(pool.origin)), np.empty(len(pool.origin))
    choices = []
    for number, origin in enumerate(rolling.origins):
        rows = pool.origin == number
        older = origin.fit.of(pool.rows.keys.timestamps_s)
        if (pool.rows.labels[older] == 1).any():
            choice = choose(profile, pool, failures, older)
        else:
            choice = _default(profile, pool, rows)
        choices.append(choice)
        risk[rows] = choice.scaling.risk(pool.log_odds[choice.algorithm][rows])
        threshold[rows] = choice.threshold
    return Judged(risk, threshold, tuple(choices))


def _default(profile: Profile, pool: Pool, rows: Bools) -> Choice:
    """Before any out-of-time failure: the default algorithm, its prior corrected; no label decides anything.

    The threshold is where the budget puts it among the risks that are judged, which needs no label either.
    """
    algorithm = default_of(list(pool.log_odds))
    risk = Scaling().risk(pool.log_odds[algorithm][rows])
    threshold = threshold_for(pool.rows.where(rows), risk, profile.daily_alert_budget) if rows.any() else 1.0
    return Choice(algorithm, Scaling(), threshold, threshold)


def by_origin(
    profile: Profile, pool: Pool, rolling: Rolling, choices: Sequence[Choice], failures: Failures
) -> list[dict[str, Any]]:
    """The judged figures of each origin, JSON-serialisable, so that a trend shows.

    A failure with readings on both sides of a border counts at both origins, and once in the pool.
    """
    figures = []
    for number, (origin, choice) in enumerate(zip(rolling.origins, choices, strict=True)):
        rows = pool.origin == number
        one = candidate(
            profile, choice.algorithm, pool.rows.where(rows), pool.log_odds[choice.algorithm][rows], failures
        ).as_dict()
        spans = {"from_s": origin.judged.from_s, "to_s": origin.judged.to_s, "fit_to_s": origin.fit.to_s}
        counts = {"rows": int(rows.sum()), "failures": one["failures"], "algorithm": choice.algorithm}
        areas = {"roc_auc": one["roc_auc"], "pr_auc": one["pr_auc"], "failures_caught": one["caught"]}
        figures.append(spans | counts | areas | {"threshold": choice.threshold, "chosen": bool(choice.candidates)})
    return figures
