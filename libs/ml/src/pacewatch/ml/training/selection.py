"""The rule that chooses the algorithm, on rows that none of the candidates learned from.

The best candidate catches most failures at the daily alert budget. Failures are few, so candidates within one standard
error of the best count as equal, and PR-AUC decides among them. Without a failure there is nothing to compare, and the
default is chosen.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.evaluation.areas import ranking
from pacewatch.ml.evaluation.budget import top_per_day
from pacewatch.ml.evaluation.events import events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.json_numbers import plain
from pacewatch.ml.models.parameters import Algorithm

DEFAULT: Final[Algorithm] = "random_forest"
"""The baseline of the requirements, and of the releases before."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The figures of one algorithm."""

    algorithm: str
    failures: int
    caught: float
    roc_auc: float
    pr_auc: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return dict(plain(asdict(self)))


def candidate(profile: Profile, algorithm: str, rows: Holdout, log_odds: Floats, failures: Failures) -> Candidate:
    """The figures of an algorithm that gave `rows` these log-odds."""
    alerted = top_per_day(rows, log_odds, profile.daily_alert_budget)
    lead_days = events_of(rows, alerted, failures, profile.label.horizon_s).lead_days
    caught = float((~np.isnan(lead_days)).mean()) if len(lead_days) else np.nan
    return Candidate(algorithm, len(lead_days), caught, *ranking(rows.labels, log_odds))


def select(candidates: Sequence[Candidate]) -> str:
    """The algorithm of the best by the rule above; of equal ones the first."""
    failures = candidates[0].failures
    if failures == 0:
        return default_of([one.algorithm for one in candidates])
    best = max(one.caught for one in candidates)
    standard_error = np.sqrt(best * (1 - best) / failures)
    equal = [one for one in candidates if one.caught >= best - standard_error]
    return max(equal, key=lambda one: one.pr_auc).algorithm


def default_of(algorithms: Sequence[str]) -> str:
    """The algorithm where nothing can be compared: the default, or the first where it is no candidate."""
    return DEFAULT if DEFAULT in algorithms else algorithms[0]
