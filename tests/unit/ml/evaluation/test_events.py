"""Failures caught, lead and episodes, on cases small enough to count by hand."""

import numpy as np
from unit.ml.evaluation.holdouts import DAY, fleet_of

from pacewatch.ml.evaluation.events import events_of
from pacewatch.ml.evaluation.holdout import Failures


def test_a_failure_is_caught_from_the_first_alert_within_the_horizon() -> None:
    holdout = fleet_of(devices=2, days=20)
    alerted = (holdout.keys.device_ids == 0) & np.isin(holdout.days, [2, 12, 14])
    failures = Failures(np.array([0, 1]), np.array([15 * DAY, 16 * DAY]), ("a", "b"))
    events = events_of(holdout, alerted, failures, horizon_s=7 * DAY)
    np.testing.assert_array_equal(events.lead_days, [3.0, np.nan])
    assert events.mode.tolist() == ["a", "b"]
    assert events.episodes.tolist() == [2, 0]  # days 12 and 14 are one episode, day 2 is another


def test_an_alert_at_or_after_the_failure_catches_nothing() -> None:
    holdout = fleet_of(devices=1, days=20)
    events = events_of(holdout, holdout.days >= 15, Failures(np.array([0]), np.array([15 * DAY])), 7 * DAY)
    assert np.isnan(events.lead_days).all()


def test_a_failure_without_a_reading_in_the_horizon_does_not_count() -> None:
    holdout = fleet_of(devices=1, days=5)
    failures = Failures(np.array([0, 7]), np.array([30 * DAY, 3 * DAY]))
    assert len(events_of(holdout, np.ones(5, dtype=bool), failures, 7 * DAY).device) == 0
