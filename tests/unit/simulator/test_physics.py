"""A healthy device keeps to the figures of the implant studies (tolerance: the scatter of 20,000 devices)."""

import numpy as np
import pytest

from pacewatch.simulator.fleet.devices import Devices, draw_ages, draw_devices
from pacewatch.simulator.fleet.physics import COARSE_STEPS, FINE_STEPS, battery_v, draw_course, healthy, measured
from pacewatch.simulator.fleet.regimes import COARSE_STEPS as COARSE
from pacewatch.simulator.fleet.regimes import HIGH_IMPEDANCE
from pacewatch.simulator.fleet.signals import BATTERY, IMPEDANCE, SENSING, THRESHOLD
from pacewatch.simulator.sources.day import Floats

N = 20_000


def implants(age_days: float, regimes: frozenset[str] = frozenset()) -> Devices:
    return draw_devices(np.random.default_rng(1), np.arange(N), np.full(N, age_days), 1_577_836_800, regimes)


def at_age(age_days: float, hour: float = 9.0) -> Floats:
    course = draw_course(np.random.default_rng(2), N)
    return healthy(implants(0), course, np.full(N, age_days), np.full(N, hour))


@pytest.mark.parametrize(("age_days", "ohms"), [(0, 879), (30, 720), (365, 690)])
def test_impedance_falls_from_implant_within_the_first_month(age_days: float, ohms: float) -> None:
    assert at_age(age_days)[:, IMPEDANCE].mean() == pytest.approx(ohms, rel=0.04)


def test_threshold_peaks_in_the_fourth_week_half_as_high_again() -> None:
    early, peak, late = (np.median(at_age(age)[:, THRESHOLD]) for age in (0, 25, 365))
    assert late == pytest.approx(0.70, rel=0.03)
    assert peak / late == pytest.approx(1.5, rel=0.01)
    assert early < peak


def test_r_wave_is_12_mv_with_a_spread_of_6_5() -> None:
    r_wave_mv = at_age(365)[:, SENSING]
    assert r_wave_mv.mean() == pytest.approx(12.0, rel=0.03)
    assert r_wave_mv.std() == pytest.approx(6.5, rel=0.08)


def test_threshold_is_highest_at_night_by_5_to_10_percent() -> None:
    swing = at_age(365, hour=3)[:, THRESHOLD] / at_age(365, hour=15)[:, THRESHOLD]
    assert swing.min() >= 1.05 / 0.95 - 1e-9
    assert swing.max() <= 1.10 / 0.90 + 1e-9


def test_battery_falls_slowly_then_collapses_through_2_63_v_near_its_end() -> None:
    used = np.linspace(0, 1.1, 1_101)
    volts = battery_v(used)
    assert volts[0] == pytest.approx(2.80)
    assert np.all(np.diff(volts) < 0)
    assert 0.94 < used[np.argmax(volts <= 2.635)] < 0.98


@pytest.mark.parametrize(("coarse", "steps"), [(False, FINE_STEPS), (True, COARSE_STEPS)])
def test_readings_come_in_the_steps_of_the_vendor(coarse: bool, steps: Floats) -> None:
    shown = measured(np.random.default_rng(3), at_age(100), np.full(N, coarse))
    assert np.allclose(shown / steps, np.round(shown / steps), atol=1e-6)
    assert shown[:, SENSING].max() <= 25.0


def test_noise_of_one_ping_has_the_stated_size() -> None:
    true = np.tile([700.0, 3.0, 12.0, 2.75], (N, 1))
    shown = measured(np.random.default_rng(4), true, np.zeros(N, np.bool_))
    relative = np.log(shown / true).std(axis=0)
    assert relative[IMPEDANCE] == pytest.approx(0.018, rel=0.05)
    assert relative[THRESHOLD] == pytest.approx(0.05, rel=0.06)
    assert relative[SENSING] == pytest.approx(0.08, rel=0.05)
    assert shown[:, BATTERY].std() == pytest.approx(0.006, rel=0.15)


def test_a_fleet_has_15_percent_new_devices_and_no_spent_batteries() -> None:
    ages = draw_ages(np.random.default_rng(5), N)
    assert (ages == 0).mean() == pytest.approx(0.15, abs=0.01)
    assert ages.max() <= 3_500
    devices = draw_devices(np.random.default_rng(6), np.arange(N), ages, 1_577_836_800, frozenset())
    assert (ages / devices.battery_life_days).max() < 0.95


def test_two_percent_of_new_batteries_deplete_prematurely() -> None:
    assert implants(0).premature.mean() == pytest.approx(0.02, abs=0.004)


def test_regimes_concern_the_devices_they_say() -> None:
    on, off = implants(0, frozenset({HIGH_IMPEDANCE, COARSE})), implants(0)
    assert not off.coarse.any()
    assert on.coarse.mean() == pytest.approx(0.30, abs=0.02)
    changed = on.impedance_ohms != off.impedance_ohms
    assert changed.mean() == pytest.approx(0.25, abs=0.02)
    assert on.impedance_ohms[changed].min() >= 800
    assert on.impedance_ohms[changed].max() <= 1_800
