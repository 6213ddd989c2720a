"""The alert budget: which rows are alerted on, and the threshold that keeps to it."""

from dataclasses import replace

import numpy as np
from unit.ml.evaluation.holdouts import fleet_of, holdout_of

from pacewatch.ml.evaluation.budget import elevated_threshold_for, threshold_for, top_per_day, trade_off
from pacewatch.ml.evaluation.holdout import Failures


def test_each_day_alerts_on_the_riskiest_devices_of_that_day() -> None:
    holdout = fleet_of(devices=10, days=3)
    risk = (
        holdout.keys.device_ids / 10 + holdout.days
    )  # the last day has the highest risks, and must not spend the whole budget
    alerted = top_per_day(holdout, risk, budget=0.2)
    assert sorted(set(holdout.keys.device_ids[alerted])) == [8, 9]
    assert np.bincount(holdout.days[alerted]).tolist() == [2, 2, 2]


def test_a_small_fleet_carries_its_budget_over_until_it_affords_an_alert() -> None:
    holdout = fleet_of(devices=5, days=20)
    alerted = top_per_day(holdout, np.random.default_rng(0).random(100), budget=0.05)
    assert np.bincount(holdout.days[alerted], minlength=20).tolist() == [0, 0, 0, 1] * 5


def test_a_device_with_several_readings_counts_once_a_day() -> None:
    holdout = holdout_of([1, 1, 1, 2], [0, 0.3, 0.6, 0.5])
    assert top_per_day(holdout, np.array([0.9, 0.8, 0.7, 0.1]), budget=1.0).sum() == 2


def test_the_threshold_spends_at_most_the_budget_even_with_equal_risks() -> None:
    holdout = fleet_of(devices=10, days=10)
    risk = np.where(np.arange(100) < 3, 0.9, np.where(np.arange(100) < 30, 0.5, 0.1))
    assert threshold_for(holdout, risk, budget=0.10) == 0.9
    assert threshold_for(holdout, risk, budget=0.30) == 0.5


def test_rows_that_may_not_alert_are_not_alerted_on_and_count_for_the_budget() -> None:
    fleet = fleet_of(devices=10, days=3)
    risk = fleet.keys.device_ids / 10
    holdout = replace(fleet, may_alert=fleet.keys.device_ids != 9)
    assert sorted(set(holdout.keys.device_ids[top_per_day(holdout, risk, budget=0.2)])) == [7, 8]
    assert threshold_for(holdout, risk, budget=0.2) == 0.7
    assert not top_per_day(holdout, risk, budget=1.0)[holdout.keys.device_ids == 9].any()
    assert threshold_for(replace(fleet, may_alert=np.zeros(30, dtype=bool)), risk, budget=0.2) == 1.0


def test_elevated_and_high_together_are_at_most_four_budgets() -> None:
    holdout, risk = fleet_of(devices=10, days=10), np.linspace(0.001, 0.1, 100)
    high, elevated = threshold_for(holdout, risk, 0.05), elevated_threshold_for(holdout, risk, 0.05)
    assert ((risk >= high).sum(), (risk >= elevated).sum()) == (5, 20)


def test_no_risk_below_the_usual_one_is_elevated() -> None:
    fleet, risk = fleet_of(devices=10, days=10), np.linspace(0.001, 0.1, 100)
    holdout = replace(fleet, labels=(np.arange(100) % 20 == 0).astype(np.int8))
    assert elevated_threshold_for(holdout, risk, 0.2) == 0.05
    assert elevated_threshold_for(holdout, risk / 10, 0.2) == threshold_for(holdout, risk / 10, 0.2)


def test_a_larger_budget_lowers_the_threshold_and_catches_more() -> None:
    holdout = fleet_of(devices=100, days=10)
    risk = holdout.keys.device_ids / 100 + holdout.days / 1_000
    failures = Failures(np.array([98, 95, 3]), np.full(3, holdout.keys.timestamps_s.max() + 1))
    entries = trade_off(holdout, risk, 0.04, failures, horizon_s=7 * 86_400)
    assert [entry["budget"] for entry in entries] == [0.02, 0.04, 0.08, 0.16]
    assert [entry["failures_caught"] for entry in entries] == [1 / 3, 1 / 3, 2 / 3, 2 / 3]
    thresholds = [entry["threshold"] or 0 for entry in entries]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[1] == threshold_for(holdout, risk, 0.04)
