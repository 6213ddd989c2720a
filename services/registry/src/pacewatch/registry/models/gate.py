"""The promotion gate: a table of checks on a candidate's metrics, each with a value, a limit and a result.

Limits are relative to the same holdout rows: the share of positives, the hand rule at the same alert budget, the active
model. An absolute recall limit would be too high for one fleet and too low for the next. Failures are few, so a limit
that compares two shares of failures is lowered by one failure or by one standard error.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pacewatch.contracts.models import GateResult
from pacewatch.registry.settings import RegistrySettings

Metrics = Mapping[str, Any]
REQUIRED: Final = ("roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "failures_caught", "base_rate")


@dataclass(frozen=True, slots=True)
class Check:
    """`value` must be at least `limit`, or at most `limit` if `upper`."""

    name: str
    value: float | None
    limit: float | None
    description: str
    upper: bool = False

    def result(self) -> GateResult:
        """The check passes only if both numbers are known."""
        known = self.value is not None and self.limit is not None
        passed = known and (self.value <= self.limit if self.upper else self.value >= self.limit)  # type: ignore[operator]
        bound = "at most" if self.upper else "at least"
        message = f"{self.description} is {_format(self.value)}; {bound} {_format(self.limit)} is needed"
        return GateResult(check=self.name, passed=passed, value=self.value, limit=self.limit, message=message)


def evaluate(metrics: Metrics, champion: Metrics | None, settings: RegistrySettings) -> list[GateResult]:
    """The result of every check; the candidate passes if all pass. `champion`: the active model's metrics, if any."""
    checks = _candidate_checks(metrics, settings)
    if champion is not None:
        checks += _champion_checks(metrics, champion, settings)
    return [_all_finite(metrics), *(check.result() for check in checks)]


def _all_finite(metrics: Metrics) -> GateResult:
    missing = [name for name in REQUIRED if _number(metrics, name) is None]
    message = f"undefined: {', '.join(missing)}" if missing else "every metric the gate needs is a number"
    return GateResult(check="figures_finite", passed=not missing, value=len(missing), limit=0, message=message)


def _candidate_checks(metrics: Metrics, settings: RegistrySettings) -> list[Check]:
    """The checks that need no active model."""
    failures = _number(metrics, "holdout", "failures")
    hand_rule = _number(metrics, "hand_rule", "failures_caught")
    base_rate, alert_share = _number(metrics, "base_rate"), _number(metrics, "at_threshold", "alert_share")
    roc_auc, uncertainty = _number(metrics, "roc_auc"), _roc_auc_uncertainty(metrics)
    caught, budget = _number(metrics, "failures_caught"), _number(metrics, "budget")
    min_f1 = _times(settings.min_lift, _random_f1(base_rate, alert_share, budget))
    max_alert_share = _times(settings.max_alert_burden, budget)
    beside_hand_rule = "share of failures caught, compared with the hand rule at the same alert budget,"
    return [
        Check("holdout_failures", failures, settings.min_holdout_failures, "number of failures in the holdout"),
        Check("roc_auc", roc_auc, settings.min_roc_auc - uncertainty, f"ROC-AUC (uncertainty {uncertainty:.2f})"),
        Check("pr_auc", _number(metrics, "pr_auc"), _times(settings.min_lift, base_rate), "average precision"),
        Check("f1", _number(metrics, "f1"), min_f1, "F1"),
        Check("recall_beside_hand_rule", caught, _allow_chance(hand_rule, failures, failures), beside_hand_rule),
        Check("alert_burden", alert_share, max_alert_share, "share of readings alerted on", upper=True),
    ]


def _random_f1(base_rate: float | None, alert_share: float | None, budget: float | None) -> float | None:
    """The F1 of random alerts, as many as the model's or as the budget allows: their precision is the base rate."""
    if base_rate is None or alert_share is None or budget is None:
        return None
    drawn = max(alert_share, budget)  # a model that never alerts must not pass by having nothing to beat
    return 2 * base_rate * drawn / (base_rate + drawn) if base_rate else 0.0


def _champion_checks(metrics: Metrics, champion: Metrics, settings: RegistrySettings) -> list[Check]:
    """The candidate must not be worse than the active model.

    With a `version` in `champion` both were measured on the same rows, else each on its own holdout. Limits allow for
    chance, because failures are few.
    """
    best, caught = _number(champion, "roc_auc"), _number(champion, "failures_caught")
    margin = max(_roc_auc_uncertainty(metrics), settings.champion_roc_auc_margin)
    min_roc_auc = None if best is None else best - margin
    failures = (_number(metrics, "holdout", "failures"), _number(champion, "holdout", "failures"))
    recall = (_number(metrics, "failures_caught"), _allow_chance(caught, *failures))
    other = "the active model on the same rows," if "version" in champion else "the active model,"
    return [
        Check("roc_auc_beside_active", _number(metrics, "roc_auc"), min_roc_auc, f"ROC-AUC, compared with {other}"),
        Check("recall_beside_active", *recall, f"share of failures caught, compared with {other}"),
    ]


def _roc_auc_uncertainty(metrics: Metrics) -> float:
    """How far the true ROC-AUC may lie above the measured one: up to the upper end of its bootstrap interval."""
    value, high = _number(metrics, "roc_auc"), _number(metrics, "intervals", "roc_auc", "high")
    return max(high - value, 0.0) if value is not None and high is not None else 0.0


def _allow_chance(share: float | None, first: float | None, second: float | None) -> float | None:
    """The share less one failure, or less one standard error of the difference of two shares; at least 0.

    `first` and `second`: the numbers of failures in the two holdouts.
    """
    if share is None or not first or not second:
        return share
    error = math.sqrt(max(share * (1 - share), 0.0) * (1 / first + 1 / second))
    return max(share - max(error, 1 / min(first, second)) - 1e-9, 0.0)


def _number(metrics: Metrics, *path: str) -> float | None:
    """The finite number at `path`, or None."""
    value: Any = metrics
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _times(factor: float, value: float | None) -> float | None:
    return None if value is None else factor * value


def _format(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"
