"""Pings go missing, come late, twice and out of order, as often as real fleets show."""

from itertools import pairwise

import numpy as np
import pytest
from unit.simulator.history import History

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.fleet.decoys import EPISODES, apply_decoys, no_decoys
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.fleet.link import Pings, draw_link, transmit
from pacewatch.simulator.fleet.signals import IMPEDANCE
from pacewatch.simulator.sources.day import days
from pacewatch.simulator.sources.ledger import ledger

START_S = 1_577_836_800


def test_transmission_at_realistic_scale_is_about_0_913() -> None:
    fleet, count = Fleet(1_000, START_S, enrich=1, seed=11), 420
    kept = ledger(days(fleet, count))
    ended_s = {happened.device_id: happened.occurred_at_s for happened in fleet.truth}
    device_days = sum(min((ended_s.get(n, 10**12) - START_S) / 86_400, count) for n in range(1_000))
    assert len(kept) / device_days == pytest.approx(0.913, abs=0.01)


def test_a_device_sends_on_about_95_percent_of_its_days_online() -> None:
    assert draw_link(np.random.default_rng(1), 20_000).sends.mean() == pytest.approx(18 / 19, abs=0.003)


def test_silences_begin_0_75_times_a_year_and_last_11_days_in_the_median(history: History) -> None:
    live = history.arrived[history.arrived["received_s"] - history.arrived["timestamp_s"] < 600]
    live = np.sort(live[["device_id", "timestamp_s"]])
    gap_days = np.diff(live["timestamp_s"])[np.diff(live["device_id"]) == 0] / 86_400
    long = gap_days > 5.5  # shorter ones mix with days that were just not sent
    device_years = len(live) / 0.91 / 365.25
    assert long.sum() / device_years == pytest.approx(0.75 * 0.72, rel=0.2)  # 72 % of lognormal(11 d, 1.35) are > 5 d
    assert 13 < np.median(gap_days[long]) < 22


def test_late_pings_come_in_batches_some_twice_and_out_of_order(history: History) -> None:
    arrived = history.arrived
    late = arrived[arrived["received_s"] - arrived["timestamp_s"] > 86_400]
    assert 0.003 < len(late) / len(arrived) < 0.03
    _, times = np.unique(arrived[["device_id", "timestamp_s"]], return_counts=True)
    assert times.max() >= 2
    day = max(history.days, key=lambda day: np.sum(day.readings["received_s"] - day.readings["timestamp_s"] > 86_400))
    first = day.readings[day.readings["received_s"] - day.readings["timestamp_s"] > 86_400]["device_id"][0]
    assert np.any(np.diff(day.readings["timestamp_s"][day.readings["device_id"] == first]) < 0)


def test_some_batches_come_again_a_day_later_and_some_pings_twice_at_once(history: History) -> None:
    late = [day.readings[day.readings["received_s"] - day.readings["timestamp_s"] > 86_400] for day in history.days]
    at_once = again = total = 0
    for day, next_day in pairwise(late):
        keys, times = np.unique(day[["device_id", "timestamp_s"]], return_counts=True)
        total += len(keys)
        at_once += (times > 1).sum()
        again += np.isin(keys, next_day[["device_id", "timestamp_s"]]).sum()
    assert at_once / total == pytest.approx(0.05, abs=0.02)
    assert again / total == pytest.approx(0.25 / 1.25, abs=0.06)  # what came again is in the total as well


def test_a_monitor_uploads_what_it_kept_once_and_loses_it_otherwise() -> None:
    rng, link, one = np.random.default_rng(1), draw_link(np.random.default_rng(1), 2), np.ones(2, np.bool_)
    link.uploads[:] = (True, False)
    batches = []
    for day in range(12):
        if day in (0, 7):
            link.online_day[:] = day + 4
        stamps_s = np.array([day, day]) * 86_400 + 1_000
        batches.append(transmit(rng, link, day, Pings(np.arange(2), one, stamps_s, np.zeros((2, 4))))[1])
    for day, dates in ((4, {0, 1, 2, 3}), (11, {7, 8, 9, 10})):
        assert set(batches[day]["timestamp_s"] // 86_400) == dates
        assert set(batches[day]["device_id"]) == {0}
    assert sum(map(len, batches)) == len(batches[4]) + len(batches[11])


def test_a_ping_that_comes_twice_says_the_same_twice(history: History) -> None:
    arrived = history.arrived
    names = ["device_id", "timestamp_s", *PACEMAKER.signal_names]
    assert len(np.unique(arrived[names])) == len(np.unique(arrived[["device_id", "timestamp_s"]])) < len(arrived)


def test_decoys_come_as_often_as_stated_and_reversible_ones_go_again() -> None:
    rng, n, years = np.random.default_rng(1), 4_000, 2
    decoys, begun, spikes = no_decoys(n), np.zeros(len(EPISODES)), 0
    for _ in range(int(365.25 * years)):
        values = np.ones((n, 4))
        apply_decoys(rng, decoys, values)
        begun += (decoys.elapsed_days == 0).sum(axis=0)
        spikes += (values[:, IMPEDANCE] / decoys.impedance_level > 1.2).sum()
    for number, episode in enumerate(EPISODES):
        assert begun[number] / n / years == pytest.approx(episode.per_year, rel=0.08)
        over = decoys.elapsed_days[:, number] >= decoys.length_days[:, number]
        assert np.allclose(values[over, episode.column], 1.0)
    assert spikes / n / years / 365.25 == pytest.approx(0.0015, rel=0.08)
    assert (decoys.impedance_level != 1).mean() == pytest.approx(1 - np.exp(-0.06 * years), rel=0.15)
