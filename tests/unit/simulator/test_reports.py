"""Reports are late, each made once, and some never; the truth has every outcome."""

import numpy as np
import pytest

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.simulator.day import Day
from pacewatch.simulator.failures.endings import Ending
from pacewatch.simulator.failures.reports import OutcomeReports
from pacewatch.simulator.fleet.fleet import Fleet


def record_failures(count: int) -> OutcomeReports:
    rng, reports = np.random.default_rng(1), OutcomeReports()
    for device_id in range(count):
        reports.record(rng, Ending(device_id, OutcomeKind.FAILURE, "sudden", "silent", 1_000_000))
    return reports


def test_reports_are_ten_days_late_in_the_median_and_5_to_10_percent_are_never_made() -> None:
    reported_s = [outcome.reported_at_s for outcome in record_failures(5_000).truth]
    late_days = [(at_s - 1_000_000) / 86_400 for at_s in reported_s if at_s is not None]
    assert 0.05 < 1 - len(late_days) / 5_000 < 0.10
    assert np.median(late_days) == pytest.approx(10, rel=0.07)


def test_every_report_is_returned_once_in_the_order_of_learnt_at() -> None:
    reports = record_failures(200)
    popped = [*reports.pop_due(1_500_000), *reports.pop_due(2_500_000), *reports.pop_due(10**12)]
    assert [outcome.learnt_at_s for outcome in popped] == sorted(outcome.learnt_at_s for outcome in popped)
    assert len({outcome.device_id for outcome in popped}) == len(popped)
    assert reports.pop_due(10**12) == ()


def test_a_day_has_the_outcomes_learnt_on_it_as_they_truly_happened(
    simulated_fleet: Fleet, simulated_days: list[Day]
) -> None:
    truth = {outcome.device_id: outcome for outcome in simulated_fleet.truth}
    for day in simulated_days:
        for outcome in day.outcomes:
            assert day.date_s <= outcome.learnt_at_s < day.end_s
            true = truth[outcome.device_id]
            assert (outcome.kind, outcome.mode, outcome.occurred_at_s, outcome.learnt_at_s) == (
                true.kind,
                true.mode,
                true.occurred_at_s,
                true.reported_at_s,
            )


def test_exactly_the_due_reports_have_been_made(simulated_fleet: Fleet, simulated_days: list[Day]) -> None:
    reported = {outcome.device_id for day in simulated_days for outcome in day.outcomes}
    end_s = simulated_days[-1].end_s
    due = {t.device_id for t in simulated_fleet.truth if t.reported_at_s is not None and t.reported_at_s < end_s}
    assert reported == due
    assert len(reported) < len(simulated_fleet.truth)


def test_an_enriched_fleet_has_many_lead_and_battery_failures(simulated_fleet: Fleet) -> None:
    modes = [outcome.mode for outcome in simulated_fleet.truth if outcome.kind is OutcomeKind.FAILURE]
    assert modes.count("battery") > 40
    for mode, least in (("fracture", 15), ("insulation", 5), ("exit_block", 5), ("sudden", 12), ("dislodgement", 12)):
        assert modes.count(mode) >= least, mode


def test_the_truth_has_no_outcome_after_the_last_simulated_day() -> None:
    fleet = Fleet(800, 1_577_836_800, enrich=8, seed=3)
    end_s = fleet.step().end_s
    assert all(outcome.occurred_at_s <= end_s for outcome in fleet.truth)
