"""Four candidates from real trainings, each kept back for its own reason; and one that is promoted.

The failures of the recorded machines are many, so the verdicts do not hang on chance; the made-up fleet has few.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support.training import History, simulated
from unit.ml.fleet import QUICK, START_S, MadeUpFleet, made_up_fleet

from pacewatch.contracts.models import Verdict
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import MACHINE, PACEMAKER
from pacewatch.kit.columns.arrays import Bools
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.training.train import TrainedModel, train
from pacewatch.registry import gate_file
from pacewatch.registry.models import gate
from pacewatch.registry.models.gate import Champion, verdict_of
from pacewatch.simulator.sources.replay import ReplayedFleet, machine_folder
from pacewatch.trainer_agent.candidates.champion import beside_champion

pytestmark = pytest.mark.early

DAYS = 360
BOOSTING = QUICK | {"algorithm": "hist_gradient_boosting"}


@cache
def machines() -> History:
    return simulated(ReplayedFleet(machine_folder()), DAYS)


def days_of_failures() -> np.ndarray:
    history = machines()
    return (history.failures.occurred_at_s - history.readings.timestamps_s.min()) / SECONDS_PER_DAY


def reported(shares: np.ndarray | float) -> Bools:
    """Failures of which this share was reported, the same ones whenever it is the same."""
    count = len(machines().failures.device_ids)
    return np.random.default_rng(0).random(count) < shares


def trained(days: int = DAYS, kept: Bools | None = None, **parameters: object) -> TrainedModel:
    """A model of the first `days` of the machines, of whose failures those `kept` were reported."""
    history = machines()
    now_s = int(history.readings.timestamps_s.min() + days * SECONDS_PER_DAY)
    readings = history.readings.where(history.readings.timestamps_s < now_s)
    known = (history.failures.occurred_at_s < now_s) & (True if kept is None else kept)
    failures = Failures(*(column[known] for column in history.failures[:2]))
    labels = labels_of(MACHINE.label, readings, failures, now_s)
    return train(MACHINE, readings, labels, failures, now_s, BOOSTING | parameters, folds=0)


@cache
def good() -> TrainedModel:
    return trained()


@cache
def champion_of_day_240() -> TrainedModel:
    return trained(days=240)


def judged(
    candidate: TrainedModel, champion: TrainedModel | None, fleet: History | MadeUpFleet
) -> tuple[Verdict, set[str], set[str]]:
    """The verdict, the checks that failed, and those that are undecided."""
    active = None
    if champion is not None:
        compared = beside_champion(candidate, champion.engine, champion.dataset, fleet.failures)
        active = Champion(champion.engine.threshold, False, compared)
    checks = gate.evaluate(candidate.metrics, active, gate_file.read().limits)
    failed, undecided = ({one.name for one in checks if one.passed is passed} for passed in (False, None))
    return verdict_of(checks), failed, undecided


def test_a_good_candidate_passes_beside_the_active_model() -> None:
    assert judged(good(), champion_of_day_240(), machines()) == (Verdict.PASSED, set(), set())


def test_a_worse_candidate_is_kept_back_because_the_active_model_is_better() -> None:
    worse = trained(boosting_iterations=1)
    assert judged(worse, champion_of_day_240(), machines()) == (Verdict.KEPT_BACK, {"pr_auc_beside_active"}, set())
    assert judged(worse, None, machines()) == (Verdict.PASSED, set(), set())  # no other check noticed


def test_a_lucky_candidate_is_held_because_ten_failures_are_no_evidence() -> None:
    fleet = made_up_fleet(devices=44, seed=1)
    profile = replace(PACEMAKER, daily_alert_budget=0.01)  # half a percent of 44 devices is hardly an alert
    lucky = train(profile, *fleet.rows, QUICK, folds=0)
    assert (lucky.metrics["failures_pooled"], round(lucky.metrics["roc_auc"], 2)) == (10, 1.0)
    assert judged(lucky, None, fleet) == (Verdict.INSUFFICIENT, set(), {"failures_judged"})
    early = fleet.readings.timestamps_s < (now_s := START_S + 80 * SECONDS_PER_DAY)
    readings = fleet.readings.where(early)
    labels = labels_of(PACEMAKER.label, readings, fleet.failures, now_s)
    champion = train(PACEMAKER, readings, labels, fleet.failures, now_s, QUICK, folds=0)
    verdict, failed, undecided = judged(lucky, champion, fleet)
    assert (verdict, failed) == (Verdict.INSUFFICIENT, set())
    assert "failures_judged" in undecided


def test_a_miscalibrated_candidate_is_kept_back_because_it_expects_what_does_not_come() -> None:
    """From the first origin on fewer and fewer failures are reported: each choice expects as many as before."""
    steps = np.where(days_of_failures() < 100, 0, np.clip((days_of_failures() - 107) / 50, 0, None) // 1 + 1)
    miscalibrated = trained(kept=reported(2.5**-steps))
    assert miscalibrated.metrics["failures_pooled"] > 40
    assert miscalibrated.metrics["roc_auc"] > 0.8
    assert judged(miscalibrated, None, machines()) == (Verdict.KEPT_BACK, {"calibration"}, set())


def test_a_threshold_that_jumps_keeps_the_candidate_back_however_good_it_is() -> None:
    """The active model had learned from a few failures only, so the risks of the new one are many times as high."""
    champion = trained(days=240, kept=reported(0.15))
    assert judged(good(), champion, machines()) == (Verdict.KEPT_BACK, {"threshold_moved"}, set())
    moved = good().engine.threshold / champion.engine.threshold
    assert moved > gate_file.read().limits.threshold_factor
