"""Reports come late, each once, and some never; the truth knows everything."""

import numpy as np
import pytest
from unit.simulator.history import History

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.simulator.failures.endings import Ending
from pacewatch.simulator.failures.reports import Reports
from pacewatch.simulator.fleet.fleet import Fleet


def recorded(count: int) -> Reports:
    rng, reports = np.random.default_rng(1), Reports()
    for device_id in range(count):
        reports.record(rng, Ending(device_id, OutcomeKind.FAILURE, "sudden", "silent", 1_000_000))
    return reports


def test_reports_are_ten_days_late_in_the_median_and_5_to_10_percent_never_come() -> None:
    reported_s = [happened.reported_at_s for happened in recorded(5_000).truth]
    late_days = [(at_s - 1_000_000) / 86_400 for at_s in reported_s if at_s is not None]
    assert 0.05 < 1 - len(late_days) / 5_000 < 0.10
    assert np.median(late_days) == pytest.approx(10, rel=0.07)


def test_every_report_is_handed_out_once_in_the_order_it_is_learnt() -> None:
    reports = recorded(200)
    handed = [*reports.due(1_500_000), *reports.due(2_500_000), *reports.due(10**12)]
    assert [outcome.learnt_at_s for outcome in handed] == sorted(outcome.learnt_at_s for outcome in handed)
    assert len({outcome.device_id for outcome in handed}) == len(handed)
    assert reports.due(10**12) == ()


def test_a_day_tells_the_outcomes_learnt_on_it_as_they_truly_were(history: History) -> None:
    truth = {happened.device_id: happened for happened in history.fleet.truth}
    for day in history.days:
        for outcome in day.outcomes:
            assert day.date_s <= outcome.learnt_at_s < day.end_s
            true = truth[outcome.device_id]
            assert (outcome.kind, outcome.mode, outcome.occurred_at_s, outcome.learnt_at_s) == (
                true.kind,
                true.mode,
                true.occurred_at_s,
                true.reported_at_s,
            )


def test_what_was_due_has_been_told_and_what_is_never_reported_has_not(history: History) -> None:
    told = {outcome.device_id for day in history.days for outcome in day.outcomes}
    end_s = history.days[-1].end_s
    due = {t.device_id for t in history.fleet.truth if t.reported_at_s is not None and t.reported_at_s < end_s}
    assert told == due
    assert len(told) < len(history.fleet.truth)


def test_lead_and_battery_failures_are_both_plentiful_when_enriched(history: History) -> None:
    modes = [happened.mode for happened in history.fleet.truth if happened.kind is OutcomeKind.FAILURE]
    assert modes.count("battery") > 40
    for mode, least in (("fracture", 15), ("insulation", 5), ("exit_block", 5), ("sudden", 12), ("dislodgement", 12)):
        assert modes.count(mode) >= least, mode


def test_the_truth_of_a_fleet_is_only_what_has_happened() -> None:
    fleet = Fleet(800, 1_577_836_800, enrich=8, seed=3)
    end_s = fleet.step().end_s
    assert all(happened.occurred_at_s <= end_s for happened in fleet.truth)
