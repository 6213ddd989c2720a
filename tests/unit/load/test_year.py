"""The exam of a year: its definitions of caught and right, episodes at other thresholds, and the promises it keeps."""

import json
from dataclasses import replace

import numpy as np
import pytest
from load.prove_year import broken, result
from load.year import figures
from load.year.episodes import episodes, with_as_many
from load.year.record import Raised, Scored, Year

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.simulator.day import reading_log
from pacewatch.simulator.failures.reports import TrueOutcome

FROM_S = 1_700_000_000
PAIRS = ((1, 40, np.inf), (2, 45, np.inf), (3, 50, np.inf))
BETTER = {"caught_more_than_hand_rule": {"value": 0.3}}


def at(day: float) -> int:
    return FROM_S + int(day * SECONDS_PER_DAY)


def failure(device: int, day: float) -> TrueOutcome:
    return TrueOutcome(device, OutcomeKind.FAILURE, "battery", "", at(day), at(day + 10))


def alerts(*rows: tuple[int, float, float]) -> Raised:
    """Alerts of (device, raised on day, closed on day), each with one mail."""
    device, raised, closed = np.array(rows).reshape(-1, 3).T
    raised_s, closed_s = (FROM_S + days * SECONDS_PER_DAY for days in (raised, closed))
    return Raised(
        device.astype(np.int64), raised_s, closed_s, np.zeros(len(rows), np.bool_), np.ones(len(rows), np.int64)
    )


def year(raised: Raised, *failures: TrueOutcome) -> Year:
    """A year of devices 1 to 10 with a reading each; device 10 is new."""
    devices = np.arange(1, 11)
    log = reading_log(PACEMAKER, devices, np.full(10, at(1)), np.ones((10, 4)), np.full(10, at(1)))
    implanted = {device: at(-1_000) for device in range(1, 10)} | {10: at(0)}
    reported = {one.device_id: one.reported_at_s or 0 for one in failures}
    models = [{"version": "a", "activated_at": "2026-01-01", "metrics": BETTER}]
    nothing = Scored(*(np.empty(0) for _ in range(5)))
    return Year(FROM_S, at(365), raised, nothing, log, failures, reported, implanted, models)


@pytest.mark.parametrize(
    ("raised", "lead"),
    [
        (alerts((1, 40, np.inf)), 10),
        (alerts((1, 40, 45)), None),  # closed before the failure
        (alerts((1, 51, np.inf)), None),  # after it
        (alerts((2, 40, np.inf)), None),  # of another device
        (alerts((1, -50, np.inf)), None),  # more than 90 days before
        (alerts((1, -39, np.inf)), 89),
    ],
)
def test_a_failure_is_caught_by_an_open_alert_of_at_most_90_days(raised: Raised, lead: float | None) -> None:
    (found,) = figures.lead_days(raised, [failure(1, 50)])
    assert found == pytest.approx(lead) if lead else np.isnan(found)


def test_a_mail_is_right_if_its_device_fails_within_30_days_of_it() -> None:
    raised = alerts((1, 20, np.inf), (1, 19, np.inf), (1, 51, np.inf), (2, 45, np.inf))
    assert figures.right(raised, {1: at(50)}).tolist() == [True, False, False, False]
    assert figures.right(raised, {1: at(50), 2: at(51)}, days=7).tolist() == [False, False, False, True]


def scored(*rows: tuple[int, float, float]) -> Scored:
    """Scores of (device, day, risk)."""
    device, day, risk = np.array(rows).T
    nothing = np.zeros(len(rows), np.bool_)
    return Scored(device.astype(np.int64), FROM_S + day * SECONDS_PER_DAY, risk, nothing, np.full(len(rows), "a"))


def test_episodes_open_and_close_by_the_rules_of_the_platform() -> None:
    scores = scored((1, 0, 0.5), (1, 1, 0.9), (2, 1, 0.1), (1, 2, 0.2), (1, 7, 0.2), (1, 8, 0.2), (1, 9, 0.9))
    found = episodes(scores, np.full(7, 0.5))
    days = (found.at_s - FROM_S) / SECONDS_PER_DAY, (found.closed_s - FROM_S) / SECONDS_PER_DAY
    assert found.device.tolist() == [1, 1]
    assert days[0].tolist() == [0, 9]
    assert days[1].tolist() == [8, np.inf]  # the horizon of the danger of day 1 is over


def test_a_rule_is_compared_at_no_more_mails() -> None:
    scores = scored(*((device, device, device / 10) for device in range(1, 10)))
    assert sorted(with_as_many(scores, 3).device.tolist()) == [7, 8, 9]


def test_the_exam_is_passed_and_each_broken_promise_is_named() -> None:
    raised = alerts(*PAIRS)
    good = year(raised, failure(1, 50), failure(2, 60), failure(3, 62))
    rule = alerts((1, 40, np.inf))
    assert broken(good, result(good, rule)) == []
    assert json.loads(json.dumps(result(good, rule)))["caught"] == 1

    def reasons(bad: Year, other: Raised = rule) -> str:
        (words,) = broken(bad, result(bad, other))
        return words

    assert "hand rule catches 0.667" in reasons(good, alerts((1, 40, np.inf), (2, 45, np.inf)))
    wrong = alerts(*((device, 1, np.inf) for device in (*range(4, 10), *range(4, 11))), *PAIRS)
    assert "right is 0.188" in reasons(replace(good, raised=wrong))
    late = alerts((1, 40, np.inf), (4, 45, np.inf), (5, 61, np.inf))
    assert "caught is 0.333" in reasons(replace(good, raised=late), alerts())
    new = alerts(*PAIRS, (10, 2, np.inf))
    assert "0.25 of mails are about devices under 90 days, 0.1 of" in reasons(replace(good, raised=new))
    below = [{"version": "a", "activated_at": "2026", "metrics": {"caught_more_than_hand_rule": {"value": -0.1}}}]
    assert "below the hand rule: ['a']" in reasons(replace(good, models=below))
    twice = replace(good, raised=replace(raised, mailed=np.array([1, 2, 1])))
    assert "more than one" in reasons(twice)
