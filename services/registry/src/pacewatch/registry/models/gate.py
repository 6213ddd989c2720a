"""The promotion gate: a table of checks on a candidate's signed metrics, each with a value, a limit and a verdict.

A check passes, fails, or is undecided, because too few failures were judged to tell. One that fails keeps the candidate
back. Comparisons are paired, on the same rows and the same draws of devices; limits are in gate.yaml.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pacewatch.contracts.models import GateResult, Verdict
from pacewatch.registry.gate_file import Limits

Metrics = Mapping[str, Any]
REQUIRED: Final = ("roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "failures_caught", "base_rate")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table; `passed` is None if there is too little evidence to decide.

    `value` is the estimate, also where an end of its interval decides.
    """

    name: str
    passed: bool | None
    value: float | None
    limit: float | None
    message: str

    def result(self) -> GateResult:
        """As it is stored and published: what is undecided has not passed."""
        undecided = f"{Verdict.INSUFFICIENT}: " if self.passed is None else ""
        message, passed = undecided + self.message, bool(self.passed)
        return GateResult(check=self.name, passed=passed, value=self.value, limit=self.limit, message=message)


@dataclass(frozen=True, slots=True)
class Champion:
    """The active model as the gate sees it; `comparison` is what the candidate's trainer signed about both, if any."""

    threshold: float
    provisional: bool
    comparison: Metrics | None


def evaluate(metrics: Metrics, champion: Champion | None, limits: Limits) -> list[Check]:
    """Every check, in the order in which people read them; `champion`: None while no model is active."""
    failures = _number(metrics, "failures_pooled") or 0
    enough = failures >= limits.least_failures
    checks = [
        _all_finite(metrics, enough),
        _failures_judged(failures, limits),
        _roc_auc(metrics, limits, enough),
        _beside_hand_rule("caught", "failures caught", metrics, enough),
        _beside_hand_rule("f1", "F1", metrics, enough),
        _calibration(metrics, limits),
        _alert_burden(metrics, limits),
    ]
    if champion is not None:
        checks += [_threshold(metrics, champion, limits), *_beside_active(champion, limits)]
    return checks


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """Of all checks together."""
    if any(check.passed is False for check in checks):
        return Verdict.KEPT_BACK
    return Verdict.INSUFFICIENT if any(check.passed is None for check in checks) else Verdict.PASSED


def missed(checks: Sequence[Check]) -> str:
    """What checks failed on, or if none did, what they could not decide; beside a failure the rest says so itself."""
    failed = any(check.passed is False for check in checks)
    return "; ".join((check.result() if failed else check).message for check in checks if not check.passed)


def _all_finite(metrics: Metrics, enough: bool) -> Check:
    missing = [name for name in REQUIRED if _number(metrics, name) is None]
    message = f"undefined: {', '.join(missing)}" if missing else "every metric the gate needs is a number"
    return Check("figures_finite", _unless(bool(missing), enough), len(missing), 0, message)


def _failures_judged(failures: float, limits: Limits) -> Check:
    least = limits.least_failures
    message = f"{failures:g} failures were judged out of time; at least {least} are needed"
    return Check("failures_judged", True if failures >= least else None, failures, least, message)


def _roc_auc(metrics: Metrics, limits: Limits, enough: bool) -> Check:
    area, limit = metrics.get("intervals", {}).get("roc_auc"), limits.roc_auc_above
    value, low = (_number({"area": area}, "area", name) for name in ("value", "low"))
    message = f"the lower end of the ROC-AUC's interval is {_format(low)}; above {_format(limit)} is needed"
    return Check("roc_auc", _unless(low is None or low <= limit, enough), value, limit, message)


def _beside_hand_rule(name: str, words: str, metrics: Metrics, enough: bool) -> Check:
    """At least the hand rule's; with few failures, only what is worse by its whole interval fails."""
    more = metrics.get(f"{name}_more_than_hand_rule")
    value, high = _number(metrics, f"{name}_more_than_hand_rule", "value"), _high(more)
    below = value is None or value < 0
    message = f"{words} less the hand rule's at the same alert budget is {_interval(more)}; at least 0 is needed"
    surely = enough or (high is not None and high < 0)
    return Check(f"{name}_beside_hand_rule", _unless(below, surely), value, 0, message)


def _calibration(metrics: Metrics, limits: Limits) -> Check:
    ratio, factor = metrics.get("calibration", {}).get("ratio"), limits.calibration_factor
    value, low, high = (_number({"ratio": ratio}, "ratio", name) for name in ("value", "low", "high"))
    passed = None
    if value is not None and 1 / factor <= value <= factor:
        passed = True
    elif low is not None and high is not None and (low > factor or high < 1 / factor):
        passed = False
    message = f"expected positives over observed are {_interval(ratio)}; {1 / factor:.2g} to {factor:.2g} is needed"
    return Check("calibration", passed, value, factor, message)


def _alert_burden(metrics: Metrics, limits: Limits) -> Check:
    share, budget = _number(metrics, "at_threshold", "alert_share"), _number(metrics, "budget")
    limit = None if budget is None else limits.alert_burden * budget
    within = share is not None and limit is not None and share <= limit
    message = f"the share of readings alerted on is {_format(share)}; at most {_format(limit)} is needed"
    return Check("alert_burden", within, share, limit, message)


def _threshold(metrics: Metrics, champion: Champion, limits: Limits) -> Check:
    threshold, factor = _number(metrics, "threshold"), limits.threshold_factor
    moved = threshold / champion.threshold if threshold is not None and champion.threshold > 0 else None
    within = moved is not None and 1 / factor <= moved <= factor
    message = (
        f"the operating threshold would move from {_format(champion.threshold)} to {_format(threshold)}; "
        f"a factor of at most {factor:g} either way is needed"
    )
    return Check("threshold_moved", within, moved, factor, message)


def _beside_active(champion: Champion, limits: Limits) -> list[Check]:
    """Not worse than the active model by a whole interval, on rows new to both; a provisional one proves nothing."""
    compared, waived = champion.comparison or {}, champion.provisional and champion.comparison is not None
    failures, least = _number(compared, "failures") or 0, limits.least_failures_beside_active
    enough = failures >= least
    counted = f"{failures:g} failures are on rows that neither model has learned from; at least {least} are needed"
    if waived and not enough:
        counted += ", but the active model is provisional"
    checks = [Check("failures_beside_active", True if enough or waived else None, failures, least, counted)]
    for name, words in (("failures_caught", "failures caught"), ("pr_auc", "PR-AUC")):
        more = compared.get("more", {}).get(name)
        value, high = _number({"more": more}, "more", "value"), _high(more)
        if enough or high is not None:
            message = (
                f"{words} less the active model's, on rows new to both, is {_interval(more)}; not below 0 is needed"
            )
            worse = high is None or high < 0
            checks.append(Check(f"{name}_beside_active", _unless(worse, True), value, 0, message))
    return checks


def _unless(wrong: bool, certain: bool) -> bool | None:
    """Passed; or if it is `wrong`, failed, or undecided where that is not `certain`."""
    if not wrong:
        return True
    return False if certain else None


def _high(interval: Any) -> float | None:
    return _number({"interval": interval}, "interval", "high")


def _number(metrics: Metrics, *path: str) -> float | None:
    """The finite number at `path`, or None."""
    value: Any = metrics
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _interval(interval: Any) -> str:
    value, low, high = (_number({"interval": interval}, "interval", name) for name in ("value", "low", "high"))
    return _format(value) if low is None or high is None else f"{_format(value)} [{_format(low)}, {_format(high)}]"


def _format(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3g}"
