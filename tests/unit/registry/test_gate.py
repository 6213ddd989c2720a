"""The gate's arithmetic: limits follow the rows and how few the failures are."""

from typing import Any

import pytest
from support.candidates import FIGURES

from pacewatch.registry.models.gate import judged
from pacewatch.registry.settings import RegistrySettings


def failed(changes: dict[str, Any], champion: dict[str, Any] | None = None, **limits: Any) -> set[str]:
    answers = judged(FIGURES | changes, champion, RegistrySettings(**limits))
    return {answer.check for answer in answers if not answer.passed}


def test_good_model_passes_alone_and_beside_its_equal() -> None:
    assert failed({}) == set()
    assert failed({}, FIGURES) == set()


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "high", True])
def test_figure_that_is_no_number_fails(value: Any) -> None:
    assert "figures_finite" in failed({"recall": value})


def test_nothing_passes_without_figures() -> None:
    answers = judged({}, {}, RegistrySettings())
    assert not any(answer.passed for answer in answers)


def test_few_failures_leave_room_for_chance_in_the_ranking() -> None:
    few = {"roc_auc": 0.55, "intervals": {"roc_auc": {"high": 0.8}}}
    many = {"roc_auc": 0.55, "intervals": {"roc_auc": {"high": 0.57}}}
    assert failed(few) == set()
    assert failed(many) == {"roc_auc"}


@pytest.mark.parametrize(("failures", "passes"), [(5, True), (500, False)])
def test_rule_may_be_missed_by_one_failure_and_no_more_than_chance(failures: int, passes: bool) -> None:
    changes = {"holdout": {"failures": failures}, "failures_caught": 0.4, "hand_rule": {"failures_caught": 0.6}}
    assert (failed(changes) == set()) is passes


def test_share_of_one_gives_way_by_one_failure() -> None:
    rule = {"holdout": {"failures": 5}, "hand_rule": {"failures_caught": 1.0}}
    assert failed(rule | {"failures_caught": 0.8}) == set()
    assert failed(rule | {"failures_caught": 0.6}) == {"recall_beside_hand_rule"}


def test_model_that_never_alerts_fails() -> None:
    assert "f1" in failed({"f1": 0.0, "recall": 0.0, "precision": 0.0, "at_threshold": {"alert_share": 0.0}})


def test_limits_follow_a_high_share_of_positives() -> None:
    common = {"base_rate": 0.14, "budget": 0.15, "at_threshold": {"alert_share": 0.14}}
    assert failed(common | {"pr_auc": 0.27, "f1": 0.33}) == set()
    assert failed(common | {"pr_auc": 0.15, "f1": 0.15}) == {"pr_auc", "f1"}


def test_every_answer_says_value_and_limit() -> None:
    answers = {answer.check: answer for answer in judged(FIGURES, FIGURES, RegistrySettings(min_holdout_failures=50))}
    told = answers["holdout_failures"]
    assert (told.passed, told.value, told.limit) == (False, 40, 50)
    assert told.message == "number of failures judged on is 40; at least 50 is needed"
