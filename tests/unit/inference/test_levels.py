"""Levels: by the thresholds of the model, by hard limits, or none without enough history."""

import numpy as np
import pytest

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.risk import DecidedBy, NoLevel, RiskLevel
from pacewatch.inference.scoring.levels import (
    Thresholds,
    Verdict,
    confirmed,
    count_moves,
    judge,
    recovered,
    stored_verdict,
)
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.models.ml_engine import MLEngine

HEALTHY = {"lead_impedance_ohms": 600.0, "capture_threshold_v": 0.75, "r_wave_sensing_mv": 10.0}
HIGH, ELEVATED, NORMAL = RiskLevel.HIGH, RiskLevel.ELEVATED, RiskLevel.NORMAL


def verdict_on(risk: float, *, enough: bool = True, settling: bool = False, **signals: float) -> Verdict:
    values = {"battery_voltage_v": 2.78} | HEALTHY | signals
    columns = {name: np.array([value]) for name, value in values.items()}
    thresholds = Thresholds(high=0.4, elevated=0.1)
    may_have, settles = np.array([enough and not settling]), np.array([settling])
    return Verdict(judge(PACEMAKER, columns, np.array([risk]), may_have, settles, thresholds)[0])


@pytest.mark.parametrize(
    ("risk", "level"), [(0.4, HIGH), (0.39, ELEVATED), (0.1, ELEVATED), (0.09, NORMAL), (1.0, HIGH)]
)
def test_the_level_follows_from_the_thresholds_of_the_model(risk: float, level: RiskLevel) -> None:
    verdict = verdict_on(risk)
    assert (verdict.level, verdict.decided_by) == (level, DecidedBy.MODEL)


def test_without_enough_history_there_is_no_level() -> None:
    verdict = verdict_on(0.9, enough=False)
    assert (verdict.level, verdict.decided_by, verdict.no_level) == (None, None, NoLevel.NOT_ENOUGH_HISTORY)


@pytest.mark.parametrize("enough", [True, False])
def test_a_device_that_settles_has_no_level_for_that_reason_but_by_hard_limits(enough: bool) -> None:
    verdict = verdict_on(0.9, enough=enough, settling=True)
    assert (verdict.level, verdict.decided_by, verdict.no_level) == (None, None, NoLevel.SETTLING)
    limited = verdict_on(0.9, enough=enough, settling=True, battery_voltage_v=2.5)
    assert (limited.level, limited.no_level) == (HIGH, None)


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize(
    ("signal", "value", "reached"),
    [
        ("battery_voltage_v", 2.63, True),
        ("battery_voltage_v", 2.64, False),
        ("lead_impedance_ohms", 200, True),
        ("lead_impedance_ohms", 201, False),
        ("lead_impedance_ohms", 3_000, True),
        ("lead_impedance_ohms", 2_999, False),
    ],
)
def test_a_hard_limit_is_high_at_any_risk(signal: str, value: float, reached: bool, enough: bool) -> None:
    verdict = verdict_on(0.001, enough=enough, **{signal: value})
    assert (verdict is Verdict.LIMIT) is reached
    if reached:
        assert (verdict.level, verdict.decided_by) == (HIGH, DecidedBy.LIMIT)


@pytest.mark.parametrize(
    ("voltages", "raises"),
    [
        ([2.78, 2.62], False),
        ([2.78, 2.62, 2.62], False),
        ([2.78, 2.62, 2.62, 2.62], True),
        ([2.62, 2.64, 2.62], False),
        ([2.62], True),
        ([2.62, 2.62], True),
    ],
)
def test_an_alert_needs_so_many_readings_in_a_row_or_all_that_are_known(voltages: list[float], raises: bool) -> None:
    first = [2.5, 2.5, 2.5]  # of another device
    columns = {name: np.full(3 + len(voltages), value) for name, value in HEALTHY.items()}
    columns["battery_voltage_v"] = np.array(first + voltages)
    devices = np.array([1] * 3 + [2] * len(voltages))
    readings = Readings(devices, np.arange(len(devices)) * 86_400, columns)
    assert confirmed(PACEMAKER, readings, np.array([len(devices) - 1])).tolist() == [raises]


def test_an_impedance_at_a_limit_raises_an_alert_at_once() -> None:
    columns = {name: np.full(2, value) for name, value in ({"battery_voltage_v": 2.78} | HEALTHY).items()}
    columns["lead_impedance_ohms"] = np.array([600.0, 3_100.0])
    readings = Readings(np.array([1, 1]), np.array([0, 86_400]), columns)
    assert confirmed(PACEMAKER, readings, np.array([0, 1])).tolist() == [False, True]


def test_a_device_has_recovered_when_signals_with_limits_are_normal() -> None:
    voltages = np.array([2.62, 2.635, 2.64])
    signals = {name: np.full(3, value) for name, value in HEALTHY.items()} | {"battery_voltage_v": voltages}
    assert recovered(PACEMAKER, signals).tolist() == [False, False, True]


def test_a_model_without_an_elevated_threshold_is_elevated_from_half() -> None:
    engine = MLEngine(PACEMAKER)
    assert Thresholds.of(0.4, engine) == Thresholds(0.4, 0.2)
    engine.elevated_threshold = 0.1
    assert Thresholds.of(0.4, engine) == Thresholds(0.4, 0.1)
    assert Thresholds.of(0.05, engine) == Thresholds(0.05, 0.05)


@pytest.mark.parametrize(("risk", "level"), [(0.4, HIGH), (0.2, ELEVATED), (0.19, NORMAL)])
def test_a_score_of_a_release_without_verdicts_has_the_level_it_had(risk: float, level: RiskLevel) -> None:
    assert stored_verdict(None, risk, 0.4).level == level
    assert stored_verdict(Verdict.NO_HISTORY, risk, 0.4).level is None


def test_moves_are_counted_up_and_down() -> None:
    before = [NORMAL, ELEVATED, HIGH, HIGH, None, NORMAL]
    after = [HIGH, NORMAL, ELEVATED, HIGH, HIGH, None]
    assert count_moves(before, after) == (1, 2)
