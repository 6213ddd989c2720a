"""The gate: each check passes, fails or is undecided; what is undecided has not passed."""

from typing import Any

import pytest
from support.candidates import GOOD_METRICS, beside

from pacewatch.contracts.models import Verdict
from pacewatch.registry import gate_file
from pacewatch.registry.models import gate
from pacewatch.registry.models.gate import Champion, verdict_of

LIMITS = gate_file.read().limits
ACTIVE = "20260101T000000Z"


def champion(threshold: float = 0.3, provisional: bool = False, **compared: Any) -> Champion:
    return Champion(threshold, provisional, beside(ACTIVE, **compared)["champion"])


def verdicts(changes: dict[str, Any], active: Champion | None = None) -> tuple[Verdict, dict[str, bool | None]]:
    """The verdict, and the checks that did not pass: False or None."""
    checks = gate.evaluate(GOOD_METRICS | changes, active, LIMITS)
    return verdict_of(checks), {check.name: check.passed for check in checks if not check.passed}


def test_a_good_model_passes_without_an_active_model_and_beside_one() -> None:
    assert verdicts({}) == (Verdict.PASSED, {})
    assert verdicts({}, champion()) == (Verdict.PASSED, {})


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "high", True])
def test_a_metric_that_is_not_a_finite_number_fails(value: Any) -> None:
    assert verdicts({"recall": value}) == (Verdict.KEPT_BACK, {"figures_finite": False})


def test_without_metrics_nothing_but_the_absence_of_an_active_model_is_in_favour() -> None:
    checks = gate.evaluate({}, Champion(0.3, False, None), LIMITS)
    assert not any(check.passed for check in checks)
    assert verdict_of(checks) == Verdict.KEPT_BACK


def test_high_figures_on_few_failures_are_insufficient_evidence() -> None:
    assert verdicts({"failures_pooled": 10}) == (Verdict.INSUFFICIENT, {"failures_judged": None})


def test_a_roc_auc_that_may_be_chance_fails_and_with_few_failures_is_undecided() -> None:
    chance = {"intervals": {"roc_auc": {"value": 0.6, "low": 0.48, "high": 0.7}}}
    assert verdicts(chance) == (Verdict.KEPT_BACK, {"roc_auc": False})
    assert verdicts(chance | {"failures_pooled": 4})[1] == {"failures_judged": None, "roc_auc": None}


@pytest.mark.parametrize("name", ["caught", "f1"])
def test_a_model_below_the_hand_rule_is_kept_back(name: str) -> None:
    below = {f"{name}_more_than_hand_rule": {"value": -0.02, "low": -0.06, "high": 0.02}}
    assert verdicts(below) == (Verdict.KEPT_BACK, {f"{name}_beside_hand_rule": False})
    few = below | {"failures_pooled": 4}
    assert verdicts(few)[1] == {"failures_judged": None, f"{name}_beside_hand_rule": None}
    surely = {f"{name}_more_than_hand_rule": {"value": -0.5, "low": -0.8, "high": -0.2}}
    assert verdicts(few | surely)[0] == Verdict.KEPT_BACK


@pytest.mark.parametrize(
    ("ratio", "passed"),
    [
        ({"value": 1.9, "low": 1.2, "high": 3.0}, True),
        ({"value": 2.5, "low": 1.6, "high": 3.5}, None),
        ({"value": 3.0, "low": 2.2, "high": 4.0}, False),
        ({"value": 0.3, "low": 0.2, "high": 0.45}, False),
        ({"value": None, "low": None, "high": None}, None),
    ],
)
def test_expected_positives_are_held_against_the_observed(ratio: dict[str, float], passed: bool | None) -> None:
    [check] = [
        one
        for one in gate.evaluate(GOOD_METRICS | {"calibration": {"ratio": ratio}}, None, LIMITS)
        if one.name == "calibration"
    ]
    assert check.passed is passed


@pytest.mark.parametrize(("before", "passes"), [(0.11, True), (0.09, False), (0.8, True), (0.95, False), (0.0, False)])
def test_the_threshold_moves_by_a_factor_at_most(before: float, passes: bool) -> None:
    found = verdicts({}, champion(threshold=before))
    assert found == ((Verdict.PASSED, {}) if passes else (Verdict.KEPT_BACK, {"threshold_moved": False}))


def test_a_model_that_alerts_too_often_is_kept_back() -> None:
    assert verdicts({"at_threshold": {"alert_share": 0.031}})[1] == {"alert_burden": False}


@pytest.mark.parametrize("name", ["failures_caught", "pr_auc"])
def test_a_model_that_is_surely_worse_than_the_active_one_is_kept_back(name: str) -> None:
    difference = {"caught" if name == "failures_caught" else name: -0.11}
    assert verdicts({}, champion(**difference)) == (Verdict.KEPT_BACK, {f"{name}_beside_active": False})
    by_chance = dict.fromkeys(difference, -0.09)
    assert verdicts({}, champion(**by_chance)) == (Verdict.PASSED, {})


def test_too_few_failures_beside_the_active_model_are_insufficient_evidence_unless_it_is_provisional() -> None:
    assert verdicts({}, champion(failures=4)) == (Verdict.INSUFFICIENT, {"failures_beside_active": None})
    assert verdicts({}, Champion(0.3, False, None))[1] == {"failures_beside_active": None}
    assert verdicts({}, champion(failures=4, provisional=True)) == (Verdict.PASSED, {})


def test_a_value_is_the_estimate_where_an_end_of_its_interval_decides() -> None:
    area = {"intervals": {"roc_auc": {"value": 0.6, "low": 0.48, "high": 0.7}}}
    checks = gate.evaluate(GOOD_METRICS | area, champion(caught=-0.11, pr_auc=-0.09), LIMITS)
    values = {check.name: check.value for check in checks}
    assert (values["roc_auc"], values["failures_caught_beside_active"], values["pr_auc_beside_active"]) == (
        0.6,
        -0.11,
        -0.09,
    )


def test_what_was_missed_says_once_that_the_evidence_is_insufficient() -> None:
    few = gate.evaluate(GOOD_METRICS | {"failures_pooled": 10}, None, LIMITS)
    assert gate.missed(few) == "10 failures were judged out of time; at least 20 are needed"
    failed = gate.evaluate(
        GOOD_METRICS | {"failures_pooled": 10, "at_threshold": {"alert_share": 0.9}}, champion(failures=0), LIMITS
    )
    assert gate.missed(failed).count("insufficient evidence") == 2
    assert "the share of readings alerted on is 0.9" in gate.missed(failed)


def test_a_result_shows_value_limit_and_what_is_undecided() -> None:
    [result] = [
        check.result()
        for check in gate.evaluate(GOOD_METRICS | {"failures_pooled": 10}, None, LIMITS)
        if check.name == "failures_judged"
    ]
    assert (result.passed, result.value, result.limit) == (False, 10, 20)
    assert result.message == "insufficient evidence: 10 failures were judged out of time; at least 20 are needed"
