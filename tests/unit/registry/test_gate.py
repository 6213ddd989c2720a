"""The gate: limits follow the share of positives and the number of failures."""

from typing import Any

import pytest
from support.candidates import GOOD_METRICS

from pacewatch.registry.models.gate import evaluate
from pacewatch.registry.settings import RegistrySettings


def failed_checks(changes: dict[str, Any], champion: dict[str, Any] | None = None, **limits: Any) -> set[str]:
    results = evaluate(GOOD_METRICS | changes, champion, RegistrySettings(**limits))
    return {result.check for result in results if not result.passed}


def test_good_model_passes_without_an_active_model_and_beside_its_equal() -> None:
    assert failed_checks({}) == set()
    assert failed_checks({}, GOOD_METRICS) == set()


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "high", True])
def test_metric_that_is_not_a_finite_number_fails(value: Any) -> None:
    assert "figures_finite" in failed_checks({"recall": value})


def test_no_check_passes_without_metrics() -> None:
    results = evaluate({}, {}, RegistrySettings())
    assert not any(result.passed for result in results)


def test_wide_interval_lowers_the_limit_of_the_roc_auc() -> None:
    few = {"roc_auc": 0.55, "intervals": {"roc_auc": {"high": 0.8}}}
    many = {"roc_auc": 0.55, "intervals": {"roc_auc": {"high": 0.57}}}
    assert failed_checks(few) == set()
    assert failed_checks(many) == {"roc_auc"}


@pytest.mark.parametrize(("failures", "passes"), [(5, True), (500, False)])
def test_recall_may_be_below_the_hand_rules_by_chance_only(failures: int, passes: bool) -> None:
    changes = {"holdout": {"failures": failures}, "failures_caught": 0.4, "hand_rule": {"failures_caught": 0.6}}
    assert (failed_checks(changes) == set()) is passes


def test_hand_rule_that_catches_everything_may_be_missed_by_one_failure() -> None:
    rule = {"holdout": {"failures": 5}, "hand_rule": {"failures_caught": 1.0}}
    assert failed_checks(rule | {"failures_caught": 0.8}) == set()
    assert failed_checks(rule | {"failures_caught": 0.6}) == {"recall_beside_hand_rule"}


def test_model_that_never_alerts_fails() -> None:
    assert "f1" in failed_checks({"f1": 0.0, "recall": 0.0, "precision": 0.0, "at_threshold": {"alert_share": 0.0}})


def test_limits_follow_a_high_share_of_positives() -> None:
    common = {"base_rate": 0.14, "budget": 0.15, "at_threshold": {"alert_share": 0.14}}
    assert failed_checks(common | {"pr_auc": 0.27, "f1": 0.33}) == set()
    assert failed_checks(common | {"pr_auc": 0.15, "f1": 0.15}) == {"pr_auc", "f1"}


def test_result_shows_value_and_limit() -> None:
    results = {
        result.check: result
        for result in evaluate(GOOD_METRICS, GOOD_METRICS, RegistrySettings(min_holdout_failures=50))
    }
    result = results["holdout_failures"]
    assert (result.passed, result.value, result.limit) == (False, 40, 50)
    assert result.message == "number of failures in the holdout is 40; at least 50 is needed"
