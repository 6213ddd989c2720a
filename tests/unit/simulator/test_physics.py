"""The signals of a healthy device match the implant studies (tolerance: the scatter of 20,000 devices)."""

import numpy as np
import pytest

from pacewatch.kit.columns.arrays import Floats
from pacewatch.simulator.devices.devices import draw_devices
from pacewatch.simulator.devices.physics import COARSE_STEPS, FINE_STEPS, battery_v, draw_drift, healthy_values, measure
from pacewatch.simulator.devices.signals import BATTERY, IMPEDANCE, SENSING, THRESHOLD

N = 20_000


def values_at_age(age_days: float, hour: float = 9.0) -> Floats:
    devices = draw_devices(np.random.default_rng(1), np.arange(N), np.zeros(N), 1_577_836_800, frozenset())
    drift = draw_drift(np.random.default_rng(2), N)
    return healthy_values(devices, drift, np.full(N, age_days), np.full(N, hour))


@pytest.mark.parametrize(("age_days", "ohms"), [(0, 879), (30, 720), (365, 690)])
def test_impedance_falls_from_implant_within_the_first_month(age_days: float, ohms: float) -> None:
    assert values_at_age(age_days)[:, IMPEDANCE].mean() == pytest.approx(ohms, rel=0.04)


def test_threshold_peaks_in_the_fourth_week_at_1_5_times_its_later_value() -> None:
    early, peak, late = (np.median(values_at_age(age)[:, THRESHOLD]) for age in (0, 25, 365))
    assert late == pytest.approx(0.70, rel=0.03)
    assert peak / late == pytest.approx(1.5, rel=0.01)
    assert early < peak


def test_r_wave_is_12_mv_with_a_spread_of_6_5() -> None:
    r_wave_mv = values_at_age(365)[:, SENSING]
    assert r_wave_mv.mean() == pytest.approx(12.0, rel=0.03)
    assert r_wave_mv.std() == pytest.approx(6.5, rel=0.08)


def test_threshold_is_highest_at_night_by_5_to_10_percent() -> None:
    swing = values_at_age(365, hour=3)[:, THRESHOLD] / values_at_age(365, hour=15)[:, THRESHOLD]
    assert swing.min() >= 1.05 / 0.95 - 1e-9
    assert swing.max() <= 1.10 / 0.90 + 1e-9


def test_battery_falls_slowly_then_collapses_through_2_63_v_near_its_end() -> None:
    used = np.linspace(0, 1.1, 1_101)
    volts = battery_v(used)
    assert volts[0] == pytest.approx(2.80)
    assert np.all(np.diff(volts) < 0)
    assert 0.94 < used[np.argmax(volts <= 2.635)] < 0.98


@pytest.mark.parametrize(("coarse", "steps"), [(False, FINE_STEPS), (True, COARSE_STEPS)])
def test_measured_values_are_multiples_of_the_vendors_steps(coarse: bool, steps: Floats) -> None:
    measured = measure(np.random.default_rng(3), values_at_age(100), np.full(N, coarse))
    assert np.allclose(measured / steps, np.round(measured / steps), atol=1e-6)
    assert measured[:, SENSING].max() <= 25.0


def test_measurement_noise_has_the_stated_size() -> None:
    true = np.tile([700.0, 3.0, 12.0, 2.75], (N, 1))
    measured = measure(np.random.default_rng(4), true, np.zeros(N, np.bool_))
    relative = np.log(measured / true).std(axis=0)
    assert relative[IMPEDANCE] == pytest.approx(0.018, rel=0.05)
    assert relative[THRESHOLD] == pytest.approx(0.05, rel=0.06)
    assert relative[SENSING] == pytest.approx(0.08, rel=0.05)
    assert measured[:, BATTERY].std() == pytest.approx(0.006, rel=0.15)
