"""Faults are as frequent as in the literature, times `enrich`, and show the signature of their kind."""

import numpy as np
import pytest

from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.simulator.devices.devices import draw_devices
from pacewatch.simulator.devices.regimes import RECALL_DAY, RECALLED_LOT
from pacewatch.simulator.devices.signals import IMPEDANCE, SENSING, THRESHOLD
from pacewatch.simulator.failures.failures import FAULTS, FailureSchedule, apply_faults, draw_failure_schedule

N, NOW_S, YEAR_S = 200_000, 1_577_836_800, 365.25 * 86_400
HEALTHY = (700.0, 0.75, 12.0, 2.75)


def draw(
    enrich: float, age_days: float = 1_000, regimes: frozenset[str] = frozenset()
) -> tuple[FailureSchedule, Bools]:
    rng = np.random.default_rng(1)
    devices = draw_devices(rng, np.arange(N), np.full(N, age_days), NOW_S, regimes)
    return draw_failure_schedule(rng, devices, NOW_S, NOW_S, enrich), devices.recalled


def share_within_a_year(schedule: FailureSchedule, mode: str) -> float:
    kinds = [number for number, fault in enumerate(FAULTS) if fault.mode == mode]
    return float((np.isin(schedule.fault, kinds) & (schedule.fails_s < NOW_S + YEAR_S)).mean())


@pytest.mark.parametrize(
    ("mode", "per_year"), [("fracture", 0.0025), ("insulation", 0.0012), ("exit_block", 0.0012), ("sudden", 0.0020)]
)
def test_faults_have_the_stated_hazard_at_realistic_scale_and_enriched(mode: str, per_year: float) -> None:
    for enrich in (1, 8):
        four_sigma = 4 * np.sqrt(enrich * per_year / N)
        lost_to_other_modes = 0.5 * (enrich * 0.0069) ** 2
        observed = share_within_a_year(draw(enrich)[0], mode)
        assert observed == pytest.approx(enrich * per_year, abs=four_sigma + lost_to_other_modes)


def test_nothing_fails_at_enrich_0() -> None:
    schedule, _ = draw(0, age_days=0)
    assert schedule.fails_s.min() > NOW_S + 100 * YEAR_S


def test_new_implants_dislodge_around_day_30_as_often_as_in_the_literature() -> None:
    schedule, _ = draw(1, age_days=0)
    dislodged = np.array([fault.mode == "dislodgement" for fault in FAULTS])[schedule.fault]
    assert 0.005 < dislodged.mean() < 0.025
    at_days = (schedule.fails_s[dislodged] - NOW_S) / 86_400
    assert np.median(at_days) == pytest.approx(30, rel=0.1)
    assert np.mean((at_days > 4) & (at_days < 280)) > 0.95


def test_a_recalled_lot_fails_five_times_as_often_from_the_day_of_the_recall() -> None:
    schedule, recalled = draw(8, regimes=frozenset({RECALLED_LOT}))
    assert recalled.mean() == pytest.approx(0.10, abs=0.01)
    day = (schedule.fails_s - NOW_S) / 86_400
    before, after = day < RECALL_DAY, (day >= RECALL_DAY) & (day < RECALL_DAY + 100)
    assert before[recalled].mean() / before[~recalled].mean() == pytest.approx(1, abs=0.2)
    assert after[recalled].mean() / after[~recalled].mean() == pytest.approx(5, abs=0.5)


def test_7_percent_of_patients_a_year_die_or_transfer() -> None:
    schedule, _ = draw(1)
    assert (schedule.leaves_s < NOW_S + YEAR_S).mean() == pytest.approx(1 - np.exp(-0.07), abs=0.003)


def values_with_fault(mode: str, signature: str, progress: float) -> Floats:
    """Signals of 5,000 devices with one fault at `progress` between its first sign and the failure."""
    number = next(n for n, fault in enumerate(FAULTS) if (fault.mode, fault.signature) == (mode, signature))
    n, rng = 5_000, np.random.default_rng(2)
    zeros, lead_s = np.zeros(n, np.int64), 1_000_000
    schedule = FailureSchedule(zeros + number, zeros, zeros + lead_s, rng.random((n, 3)), zeros, zeros.astype(np.bool_))
    values = np.tile(HEALTHY, (n, 1))
    apply_faults(rng, schedule, zeros + int(progress * lead_s), values)
    return values


@pytest.mark.parametrize(
    ("mode", "signature", "progress", "column", "low", "high"),
    [
        ("fracture", "step", 0.0, IMPEDANCE, 1_900, 3_500),
        ("insulation", "ramp", 0.999, IMPEDANCE, 0.40 * 700, 0.80 * 700),
        ("insulation", "step", 0.0, IMPEDANCE, 130, 280),
        ("exit_block", "ramp", 0.999, THRESHOLD, 0.75 * np.exp(0.6), 0.75 * np.exp(1.6)),
        ("dislodgement", "step", 0.0, THRESHOLD, 1.5, 3.75),
        ("dislodgement", "step", 0.0, SENSING, 2.4, 8.4),
        ("dislodgement", "step", 0.0, IMPEDANCE, 420, 595),
    ],
)
def test_a_fault_moves_its_signal_into_its_range(
    mode: str, signature: str, progress: float, column: int, low: float, high: float
) -> None:
    moved = values_with_fault(mode, signature, progress)[:, column]
    assert low * 0.99 <= moved.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < moved.max() <= high * 1.01


@pytest.mark.parametrize(("progress", "share"), [(0.0, 0.03), (0.5, 0.1425), (0.99, 0.471)])
def test_an_intermittent_fracture_spikes_increasingly_often(progress: float, share: float) -> None:
    impedance = values_with_fault("fracture", "spikes", progress)[:, IMPEDANCE]
    spiking = impedance > 700
    assert spiking.mean() == pytest.approx(share, abs=0.03)
    assert impedance[spiking].min() >= 1.25 * 700
    assert impedance.max() <= 4 * 700


@pytest.mark.parametrize("mode", ["fracture", "sudden"])
def test_a_silent_fault_does_not_change_the_signals(mode: str) -> None:
    assert np.all(values_with_fault(mode, "silent", 0.9) == HEALTHY)


def test_a_fault_changes_nothing_before_its_first_sign_or_after_the_failure() -> None:
    for progress in (-0.1, 1.0):
        assert np.all(values_with_fault("fracture", "step", progress) == HEALTHY)


def test_each_kind_of_fault_has_its_lead_time() -> None:
    schedule, _ = draw(8, age_days=0)
    days = (schedule.fails_s - schedule.onset_s) / 86_400
    ranges = {"spikes": (6, 45), "silent": (0, 0)}
    for number, fault in enumerate(FAULTS):
        lead_time = days[schedule.fault == number]
        if fault.signature in ranges:
            low, high = ranges[fault.signature]
            assert low <= lead_time.min() <= lead_time.max() <= high + 1e-3
    step = days[schedule.fault == 0]
    assert step.mean() == pytest.approx(4, rel=0.05)
