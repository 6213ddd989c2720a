"""Intervals over devices."""

import numpy as np
import pytest
from unit.ml.evaluation.holdouts import DAY, fleet_of

from pacewatch.ml.evaluation.bootstrap import caught_more, event_intervals
from pacewatch.ml.evaluation.events import DAYS_PER_MONTH, events_of
from pacewatch.ml.evaluation.holdout import Failures


def test_alerts_are_counted_per_100_months_of_devices_with_readings() -> None:
    holdout = fleet_of(devices=4, days=10)
    alerted = (holdout.keys.device_ids == 3) & (holdout.days == 4)
    figures = event_intervals(events_of(holdout, alerted, Failures(np.empty(0, int), np.empty(0, int)), 7 * DAY))
    assert figures["alerts_per_100_device_months"]["value"] == 100 / (40 / DAYS_PER_MONTH)
    assert figures["failures_caught"] == {"value": None, "low": None, "high": None}


def test_the_interval_contains_the_value_and_is_narrower_with_more_devices() -> None:
    widths = []
    for devices in (20, 500):
        holdout = fleet_of(devices, days=10)
        failures = Failures(np.arange(devices), np.full(devices, 9 * DAY))
        alerted = (holdout.keys.device_ids % 2 == 0) & (holdout.days == 5)
        caught = event_intervals(events_of(holdout, alerted, failures, 7 * DAY))["failures_caught"]
        assert caught["low"] < caught["value"] == 0.5 < caught["high"]
        widths.append(caught["high"] - caught["low"])
    assert widths[1] < widths[0] / 3


def test_a_share_of_one_has_an_interval() -> None:
    holdout = fleet_of(devices=10, days=10)
    failures = Failures(np.arange(10), np.full(10, 9 * DAY))
    caught = event_intervals(events_of(holdout, holdout.days == 5, failures, 7 * DAY))["failures_caught"]
    assert (caught["value"], caught["high"]) == (1.0, 1.0)
    assert 0.6 < caught["low"] < 0.8  # ten of ten, by Wilson


def test_the_difference_of_two_rules_is_resampled_on_the_same_devices() -> None:
    holdout = fleet_of(devices=100, days=10)
    failures = Failures(np.arange(100), np.full(100, 9 * DAY))
    many, few = (events_of(holdout, holdout.keys.device_ids < n, failures, 7 * DAY) for n in (60, 20))
    more = caught_more(many, few)
    assert more["value"] == pytest.approx(0.4)
    assert more["low"] > 0.2


def test_the_difference_of_all_and_none_has_an_interval() -> None:
    holdout = fleet_of(devices=36, days=10)
    failures = Failures(np.arange(36), np.full(36, 9 * DAY))
    every, none = (events_of(holdout, holdout.keys.device_ids < n, failures, 7 * DAY) for n in (36, 0))
    more = caught_more(every, none)
    assert (more["value"], more["high"]) == (1.0, 1.0)
    assert 0.85 < more["low"] < 0.88  # 1 - sqrt(2) * 0.096, by Newcombe
    same = caught_more(every, every)
    assert same["value"] == 0 and same["low"] < 0 < same["high"]
