"""The rule that chooses the model among the candidates, on the validation span.

The best candidate catches most failures at the daily alert budget. Failures are few, so candidates within one standard
error of the best count as equal, and PR-AUC decides among them. Without a failure in the validation span there is
nothing to compare, and the random forest is chosen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Labels
from pacewatch.ml.evaluation.budget import threshold_for, top_per_day
from pacewatch.ml.evaluation.events import events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.evaluation.metrics import ranking
from pacewatch.ml.json_numbers import number
from pacewatch.ml.models.ml_engine import MLEngine, Prepared

Fold = tuple[Bools, Bools]
"""Row masks: train, test."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fitted, calibrated engine with its threshold, and its figures on the validation span."""

    engine: MLEngine
    failures: int
    caught: float
    roc_auc: float
    pr_auc: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        names = ("caught", "roc_auc", "pr_auc")
        figures = {name: number(getattr(self, name)) for name in names}
        return {"algorithm": self.engine.parameters.algorithm, "failures": self.failures} | figures


def fit_candidate(engine: MLEngine, train: Prepared, validation: Holdout, failures: Failures) -> Candidate:
    """Fit on the train span; calibrate, choose the threshold and evaluate on the validation span."""
    engine.fit(train.x, train.labels)
    engine.calibrate(validation.x, validation.labels)
    risk = engine.predict_proba(validation.x)
    budget, horizon_s = engine.profile.daily_alert_budget, engine.profile.label.horizon_s
    engine.threshold = threshold_for(validation, risk, budget)
    events = events_of(validation, top_per_day(validation, risk, budget), failures, horizon_s)
    count = len(events.lead_days)
    caught = float((~np.isnan(events.lead_days)).mean()) if count else np.nan
    return Candidate(engine, count, caught, *ranking(validation.labels, risk))


def select_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """The best by the rule above; of equal ones the first."""
    failures = candidates[0].failures
    if failures == 0:
        return next((c for c in candidates if c.engine.parameters.algorithm == "random_forest"), candidates[0])
    best = max(candidate.caught for candidate in candidates)
    standard_error = np.sqrt(best * (1 - best) / failures)
    equal = [candidate for candidate in candidates if candidate.caught >= best - standard_error]
    return max(equal, key=lambda candidate: candidate.pr_auc)


def cross_validate(
    profile: Profile, parameters: dict[str, Any], rows: Prepared, folds: Iterable[Fold]
) -> dict[str, Any]:
    """ROC-AUC and PR-AUC over folds of devices: no fold tests a device that it trained on."""
    scores = [score for train, test in folds if (score := _fold(profile, parameters, rows, train, test)) is not None]
    result: dict[str, Any] = {"folds": len(scores)}
    for i, name in enumerate(("roc_auc", "pr_auc")):
        values = np.array([score[i] for score in scores])
        result[name] = {
            "mean": number(values.mean()) if len(values) else None,
            "std": number(values.std()) if len(values) else None,
            "values": values.tolist(),
        }
    return result


def _fold(
    profile: Profile, parameters: dict[str, Any], rows: Prepared, train: Bools, test: Bools
) -> tuple[float, float] | None:
    """(ROC-AUC, PR-AUC) of one fold; None if train or test has only one class."""
    if not _has_both_classes(rows.labels[train]) or not _has_both_classes(rows.labels[test]):
        return None
    engine = MLEngine(profile, **parameters).fit(rows.x[train], rows.labels[train])
    return ranking(rows.labels[test], engine.predict_proba(rows.x[test]))


def _has_both_classes(labels: Labels) -> bool:
    return bool((labels == 1).any() and (labels == 0).any())
