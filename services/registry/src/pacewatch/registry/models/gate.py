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
    base_rate, share = _number(figures, "base_rate"), _number(figures, "at_threshold", "alert_share")
    roc_auc, chance = _number(figures, "roc_auc"), _chance(figures)
    caught, budget = _number(figures, "failures_caught"), _number(figures, "budget")
    beside_rule = "share of failures caught, against the hand rule at the same alert budget,"
    return [
        Question("holdout_failures", failures, settings.min_holdout_failures, "number of failures judged on"),
        Question("roc_auc", roc_auc, settings.min_roc_auc - chance, f"ROC-AUC, uncertain by {chance:.2f},"),
        Question("pr_auc", _number(figures, "pr_auc"), _times(settings.min_lift, base_rate), "average precision"),
        Question("f1", _number(figures, "f1"), _times(settings.min_lift, _random_f1(base_rate, share, budget)), "F1"),
        Question("recall_beside_hand_rule", caught, _give_way(rule, failures, failures), beside_rule),
        Question("alert_burden", share, _times(settings.max_alert_burden, budget), "share alerted on", upper=True),
    ]


def _random_f1(base_rate: float | None, share: float | None, budget: float | None) -> float | None:
    """The F1 of as many alerts as the model's, or as the budget allows, drawn at random: precision is the base rate."""
    if base_rate is None or share is None or budget is None:
        return None
    drawn = max(share, budget)  # to alert on nothing is no way around
    return 2 * base_rate * drawn / (base_rate + drawn) if base_rate else 0.0


def _beside(figures: Figures, champion: Figures, settings: RegistrySettings) -> list[Question]:
    """Not worse than the active model, on the same rows or, where `champion` names no version, each on its own newest.

    Chance is allowed for either way: failures are few.
    """
    best, caught = _number(champion, "roc_auc"), _number(champion, "failures_caught")
    margin = max(_chance(figures), settings.champion_roc_auc_margin)
    limit = None if best is None else best - margin
    failures = (_number(figures, "holdout", "failures"), _number(champion, "holdout", "failures"))
    recall = (_number(figures, "failures_caught"), _give_way(caught, *failures))
    rival = "the active model on the same rows," if "version" in champion else "the active model,"
    return [
        Question("roc_auc_beside_active", _number(figures, "roc_auc"), limit, f"ROC-AUC, against {rival}"),
        Question("recall_beside_active", *recall, f"share of failures caught, against {rival}"),
    ]


def _chance(figures: Figures) -> float:
    """How far the ROC-AUC may lie above what was measured: to the upper end of its bootstrap interval."""
    value, high = _number(figures, "roc_auc"), _number(figures, "intervals", "roc_auc", "high")
    return max(high - value, 0.0) if value is not None and high is not None else 0.0


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
