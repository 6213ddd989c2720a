"""Devices are drawn with the stated ages, batteries and regimes (tolerance: the scatter of 20,000 devices)."""

import numpy as np
import pytest

from pacewatch.simulator.devices.devices import Devices, draw_ages_days, draw_devices
from pacewatch.simulator.devices.regimes import COARSE_STEPS, HIGH_IMPEDANCE

N = 20_000


def implants(age_days: float, regimes: frozenset[str] = frozenset()) -> Devices:
    return draw_devices(np.random.default_rng(1), np.arange(N), np.full(N, age_days), 1_577_836_800, regimes)


def test_a_fleet_has_15_percent_new_devices_and_no_depleted_batteries() -> None:
    ages = draw_ages_days(np.random.default_rng(5), N)
    assert (ages == 0).mean() == pytest.approx(0.15, abs=0.01)
    assert ages.max() <= 3_500
    devices = draw_devices(np.random.default_rng(6), np.arange(N), ages, 1_577_836_800, frozenset())
    assert (ages / devices.battery_life_days).max() < 0.95


def test_two_percent_of_new_batteries_deplete_prematurely() -> None:
    assert implants(0).premature.mean() == pytest.approx(0.02, abs=0.004)


def test_a_regime_affects_the_stated_share_of_devices() -> None:
    on, off = implants(0, frozenset({HIGH_IMPEDANCE, COARSE_STEPS})), implants(0)
    assert not off.coarse.any()
    assert on.coarse.mean() == pytest.approx(0.30, abs=0.02)
    changed = on.impedance_ohms != off.impedance_ohms
    assert changed.mean() == pytest.approx(0.25, abs=0.02)
    assert on.impedance_ohms[changed].min() >= 800
    assert on.impedance_ohms[changed].max() <= 1_800
