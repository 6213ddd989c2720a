"""Pings are lost, late, repeated and out of order as often as in real fleets."""

from itertools import pairwise

import numpy as np
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import Day, ReadingLog, days
from pacewatch.simulator.devices.link import Pings, draw_link, transmit
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.history import distinct_readings

START_S = 1_577_836_800


def test_about_91_percent_of_all_daily_pings_arrive_at_realistic_scale() -> None:
    fleet, count = Fleet(1_000, START_S, enrich=1, seed=11), 420
    readings = distinct_readings(days(fleet, count))
    ended_s = {outcome.device_id: outcome.occurred_at_s for outcome in fleet.truth}
    device_days = sum(min((ended_s.get(n, 10**12) - START_S) / 86_400, count) for n in range(1_000))
    assert len(readings) / device_days == pytest.approx(0.913, abs=0.01)


def test_a_device_sends_on_about_95_percent_of_the_days_it_is_online() -> None:
    assert draw_link(np.random.default_rng(1), 20_000).send_probability.mean() == pytest.approx(18 / 19, abs=0.003)


def test_disconnections_begin_0_75_times_a_year_and_last_11_days_in_the_median(arrived: ReadingLog) -> None:
    live = arrived[arrived["received_s"] - arrived["timestamp_s"] < 600]
    live = np.sort(live[["device_id", "timestamp_s"]])
    gap_days = np.diff(live["timestamp_s"])[np.diff(live["device_id"]) == 0] / 86_400
    long = gap_days > 5.5  # shorter gaps may be single days without a ping
    device_years = len(live) / 0.91 / 365.25
    assert long.sum() / device_years == pytest.approx(0.75 * 0.72, rel=0.2)  # 72 % of lognormal(11 d, 1.35) are > 5 d
    assert 13 < np.median(gap_days[long]) < 22


def test_late_pings_arrive_in_batches_some_repeated_and_out_of_order(
    arrived: ReadingLog, simulated_days: list[Day]
) -> None:
    late = arrived[arrived["received_s"] - arrived["timestamp_s"] > 86_400]
    assert 0.003 < len(late) / len(arrived) < 0.03
    _, times = np.unique(arrived[["device_id", "timestamp_s"]], return_counts=True)
    assert times.max() >= 2
    day = max(simulated_days, key=lambda day: np.sum(day.readings["received_s"] - day.readings["timestamp_s"] > 86_400))
    first = day.readings[day.readings["received_s"] - day.readings["timestamp_s"] > 86_400]["device_id"][0]
    assert np.any(np.diff(day.readings["timestamp_s"][day.readings["device_id"] == first]) < 0)


def test_some_batches_are_resent_a_day_later_and_some_pings_repeated_within_a_batch(simulated_days: list[Day]) -> None:
    late = [day.readings[day.readings["received_s"] - day.readings["timestamp_s"] > 86_400] for day in simulated_days]
    in_batch = resent = total = 0
    for day, next_day in pairwise(late):
        keys, times = np.unique(day[["device_id", "timestamp_s"]], return_counts=True)
        total += len(keys)
        in_batch += (times > 1).sum()
        resent += np.isin(keys, next_day[["device_id", "timestamp_s"]]).sum()
    assert in_batch / total == pytest.approx(0.05, abs=0.02)
    assert resent / total == pytest.approx(0.25 / 1.25, abs=0.06)  # the total includes the resent ones


def test_a_monitor_uploads_its_buffer_once_on_reconnection_or_loses_it() -> None:
    rng, link, one = np.random.default_rng(1), draw_link(np.random.default_rng(1), 2), np.ones(2, np.bool_)
    link.uploads[:] = (True, False)
    batches = []
    for day in range(12):
        if day in (0, 7):
            link.online_day[:] = day + 4
        timestamps_s = np.array([day, day]) * 86_400 + 1_000
        batches.append(transmit(rng, link, day, Pings(np.arange(2), one, timestamps_s, np.zeros((2, 4))))[1])
    for day, dates in ((4, {0, 1, 2, 3}), (11, {7, 8, 9, 10})):
        assert set(batches[day]["timestamp_s"] // 86_400) == dates
        assert set(batches[day]["device_id"]) == {0}
    assert sum(map(len, batches)) == len(batches[4]) + len(batches[11])


def test_a_repeated_ping_has_the_same_values(arrived: ReadingLog) -> None:
    names = ["device_id", "timestamp_s", *PACEMAKER.signal_names]
    assert len(np.unique(arrived[names])) == len(np.unique(arrived[["device_id", "timestamp_s"]])) < len(arrived)
