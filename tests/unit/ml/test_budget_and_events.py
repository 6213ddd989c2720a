"""The alert budget, and what an alerting does for a clinic, on cases small enough to count by hand."""

import numpy as np
import pytest

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.ml.evaluation.bootstrap import caught_more, event_intervals
from pacewatch.ml.evaluation.budget import threshold_for, top_per_day
from pacewatch.ml.evaluation.events import DAYS_PER_MONTH, events_of
from pacewatch.ml.evaluation.holdout import Failures, Holdout

DAY = SECONDS_PER_DAY


def holdout_of(device_ids, days) -> Holdout:
    ids, times = np.array(device_ids, dtype=np.int64), (np.array(days) * DAY).astype(np.int64)
    return Holdout(ids, times, np.zeros(len(ids), dtype=np.int8), np.zeros((len(ids), 1)), {})


def fleet_of(devices, days) -> Holdout:
    return holdout_of(np.repeat(np.arange(devices), days), np.tile(np.arange(days), devices))


def test_each_day_alerts_on_its_own_riskiest_devices() -> None:
    holdout = fleet_of(devices=10, days=3)
    risk = holdout.device_ids / 10 + holdout.days  # the last day is riskier throughout, and may not take it all
    alerted = top_per_day(holdout, risk, budget=0.2)
    assert sorted(set(holdout.device_ids[alerted])) == [8, 9]
    assert np.bincount(holdout.days[alerted]).tolist() == [2, 2, 2]


def test_a_small_fleet_saves_its_budget_until_it_affords_an_alert() -> None:
    holdout = fleet_of(devices=5, days=20)
    alerted = top_per_day(holdout, np.random.default_rng(0).random(100), budget=0.05)
    assert np.bincount(holdout.days[alerted], minlength=20).tolist() == [0, 0, 0, 1] * 5


def test_a_device_that_reports_often_counts_once_a_day() -> None:
    holdout = holdout_of([1, 1, 1, 2], [0, 0.3, 0.6, 0.5])
    assert top_per_day(holdout, np.array([0.9, 0.8, 0.7, 0.1]), budget=1.0).sum() == 2


def test_the_threshold_spends_at_most_the_budget_even_when_risks_tie() -> None:
    holdout = fleet_of(devices=10, days=10)
    risk = np.where(np.arange(100) < 3, 0.9, np.where(np.arange(100) < 30, 0.5, 0.1))
    assert threshold_for(holdout, risk, budget=0.10) == 0.9
    assert threshold_for(holdout, risk, budget=0.30) == 0.5


def test_a_failure_is_caught_from_the_first_alert_within_the_horizon() -> None:
    holdout = fleet_of(devices=2, days=20)
    alerted = (holdout.device_ids == 0) & np.isin(holdout.days, [2, 12, 14])
    failures = Failures(np.array([0, 1]), np.array([15 * DAY, 16 * DAY]), ("a", "b"))
    events = events_of(holdout, alerted, failures, horizon_s=7 * DAY)
    np.testing.assert_array_equal(events.lead_days, [3.0, np.nan])
    assert events.mode.tolist() == ["a", "b"]
    assert events.episodes.tolist() == [2, 0]  # 12 and 14 belong together, 2 stands alone


def test_an_alert_at_or_after_the_failure_catches_nothing() -> None:
    holdout = fleet_of(devices=1, days=20)
    events = events_of(holdout, holdout.days >= 15, Failures(np.array([0]), np.array([15 * DAY])), 7 * DAY)
    assert np.isnan(events.lead_days).all()


def test_a_failure_of_a_device_unheard_in_the_horizon_does_not_count() -> None:
    holdout = fleet_of(devices=1, days=5)
    failures = Failures(np.array([0, 7]), np.array([30 * DAY, 3 * DAY]))
    assert len(events_of(holdout, np.ones(5, dtype=bool), failures, 7 * DAY).device) == 0


def test_burden_is_episodes_for_each_hundred_months_of_devices_heard_from() -> None:
    holdout = fleet_of(devices=4, days=10)
    alerted = (holdout.device_ids == 3) & (holdout.days == 4)
    figures = event_intervals(events_of(holdout, alerted, Failures(np.empty(0, int), np.empty(0, int)), 7 * DAY))
    assert figures["alerts_per_100_device_months"]["value"] == 100 / (40 / DAYS_PER_MONTH)
    assert figures["failures_caught"] == {"value": None, "low": None, "high": None}


def test_the_interval_holds_the_value_and_narrows_with_more_devices() -> None:
    widths = []
    for devices in (20, 500):
        holdout = fleet_of(devices, days=10)
        failures = Failures(np.arange(devices), np.full(devices, 9 * DAY))
        alerted = (holdout.device_ids % 2 == 0) & (holdout.days == 5)
        caught = event_intervals(events_of(holdout, alerted, failures, 7 * DAY))["failures_caught"]
        assert caught["low"] < caught["value"] == 0.5 < caught["high"]
        widths.append(caught["high"] - caught["low"])
    assert widths[1] < widths[0] / 3


def test_a_share_of_all_or_none_still_has_an_interval() -> None:
    holdout = fleet_of(devices=10, days=10)
    failures = Failures(np.arange(10), np.full(10, 9 * DAY))
    caught = event_intervals(events_of(holdout, holdout.days == 5, failures, 7 * DAY))["failures_caught"]
    assert (caught["value"], caught["high"]) == (1.0, 1.0)
    assert 0.6 < caught["low"] < 0.8  # ten of ten, by Wilson


def test_what_one_rule_catches_more_than_another_is_drawn_on_the_same_devices() -> None:
    holdout = fleet_of(devices=100, days=10)
    failures = Failures(np.arange(100), np.full(100, 9 * DAY))
    many, few = (events_of(holdout, holdout.device_ids < n, failures, 7 * DAY) for n in (60, 20))
    more = caught_more(many, few)
    assert more["value"] == pytest.approx(0.4)
    assert more["low"] > 0.2


def test_all_against_none_is_no_certainty() -> None:
    holdout = fleet_of(devices=36, days=10)
    failures = Failures(np.arange(36), np.full(36, 9 * DAY))
    every, none = (events_of(holdout, holdout.device_ids < n, failures, 7 * DAY) for n in (36, 0))
    more = caught_more(every, none)
    assert (more["value"], more["high"]) == (1.0, 1.0)
    assert 0.85 < more["low"] < 0.88  # 1 - sqrt(2) * 0.096, by Newcombe
    same = caught_more(every, every)
    assert same["value"] == 0 and same["low"] < 0 < same["high"]
