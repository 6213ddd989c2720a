"""The promotion gate: a short table of questions about a candidate's figures, each with a value, a limit, an answer.

Limits are relative to what the same rows say: the share of positives, the hand rule at the same alert budget, the
active model. An absolute recall would be too high for one fleet and too low for the next. Failures are few, so where
two shares of failures are compared the limit gives way by one failure, or by one standard error of so few.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pacewatch.contracts.models import GateResult
from pacewatch.registry.settings import RegistrySettings

Figures = Mapping[str, Any]
REQUIRED: Final = ("roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "failures_caught", "base_rate")


@dataclass(frozen=True, slots=True)
class Question:
    """`value` must be at least `limit` (at most, with `upper`)."""

    check: str
    value: float | None
    limit: float | None
    words: str
    upper: bool = False

    def answered(self) -> GateResult:
        """What cannot be compared has not passed."""
        known = self.value is not None and self.limit is not None
        passed = known and (self.value <= self.limit if self.upper else self.value >= self.limit)  # type: ignore[operator]
        bound = "at most" if self.upper else "at least"
        message = f"{self.words} is {_text(self.value)}; {bound} {_text(self.limit)} is needed"
        return GateResult(check=self.check, passed=passed, value=self.value, limit=self.limit, message=message)


def judged(figures: Figures, champion: Figures | None, settings: RegistrySettings) -> list[GateResult]:
    """Every answer; the candidate passes if all of them do. `champion`: the active model's figures, if there is one."""
    finite = _all_finite(figures)
    questions = _questions(figures, settings) + ([] if champion is None else _beside(figures, champion, settings))
    return [finite, *(question.answered() for question in questions)]


def _all_finite(figures: Figures) -> GateResult:
    missing = [name for name in REQUIRED if _number(figures, name) is None]
    message = f"undefined: {', '.join(missing)}" if missing else "every figure the gate needs is a number"
    return GateResult(check="figures_finite", passed=not missing, value=len(missing), limit=0, message=message)


def _questions(figures: Figures, settings: RegistrySettings) -> list[Question]:
    """What a candidate is asked whether or not another model is active."""
    failures = _number(figures, "holdout", "failures")
    rule = _number(figures, "hand_rule", "failures_caught")
    lift = _times(settings.min_pr_auc_lift, _number(figures, "base_rate"))
    budget = _times(settings.max_alert_burden, _number(figures, "budget"))
    share = _number(figures, "at_threshold", "alert_share")
    return [
        Question("holdout_failures", failures, settings.min_holdout_failures, "failures judged on"),
        Question("roc_auc", _number(figures, "roc_auc"), settings.min_roc_auc, "ROC-AUC"),
        Question("pr_auc_lift", _number(figures, "pr_auc"), lift, "average precision, against the share of positives,"),
        Question(
            "recall_beside_hand_rule",
            _number(figures, "failures_caught"),
            _give_way(rule, failures, failures),
            "share of failures caught, against the hand rule at the same alert budget,",
        ),
        Question("f1", _number(figures, "f1"), settings.min_f1, "F1 at the alert threshold"),
        Question("alert_burden", share, budget, "share of readings alerted on, against the budget,", upper=True),
    ]


def _beside(figures: Figures, champion: Figures, settings: RegistrySettings) -> list[Question]:
    """Not worse than the active model. Each was judged on the newest rows of its own time, so chance is allowed for."""
    value, high = _number(figures, "roc_auc"), _number(figures, "intervals", "roc_auc", "high")
    chance = max(high - value, 0.0) if value is not None and high is not None else 0.0
    best = _number(champion, "roc_auc")
    recall = _number(champion, "failures_caught")
    counts = (_number(figures, "holdout", "failures"), _number(champion, "holdout", "failures"))
    questions = []
    if best is not None:
        margin = max(chance, settings.champion_roc_auc_margin)
        questions.append(Question("roc_auc_beside_active", value, best - margin, "ROC-AUC, against the active model,"))
    if recall is not None:
        caught, limit = _number(figures, "failures_caught"), _give_way(recall, *counts)
        words = "share of failures caught, against the active model,"
        questions.append(Question("recall_beside_active", caught, limit, words))
    return questions


def _give_way(share: float | None, first: float | None, second: float | None) -> float | None:
    """The share less one failure or one standard error of a difference between so few; at least 0."""
    if share is None or not first or not second:
        return share
    error = math.sqrt(max(share * (1 - share), 0.0) * (1 / first + 1 / second))
    return max(share - max(error, 1 / min(first, second)) - 1e-9, 0.0)


def _number(figures: Figures, *path: str) -> float | None:
    """The finite number at `path`, or None."""
    value: Any = figures
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def _text(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"
