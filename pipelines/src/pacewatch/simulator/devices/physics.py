"""The signals of a healthy device day by day: drift, lead healing, the night, the battery, noise and ADC steps.

The model and its numbers are the simulator's specification. Implant studies give the first months (Kistler 2006:
impedance falls from 879 to 677 ohm within a month, threshold peaks around week 4), the generator's handbook gives the
battery. `*` means judgement.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.simulator.devices.devices import Devices
from pacewatch.simulator.devices.random_streams import OrnsteinUhlenbeck
from pacewatch.simulator.devices.signals import BATTERY, IMPEDANCE, SENSING, THRESHOLD

DRIFTS = {
    IMPEDANCE: OrnsteinUhlenbeck(0.04, 60),
    THRESHOLD: OrnsteinUhlenbeck(0.10, 20),
    SENSING: OrnsteinUhlenbeck(0.10, 30),
}
NOISE = {IMPEDANCE: 0.018, THRESHOLD: 0.05, SENSING: 0.08}  # * relative, between one ping and the next
BATTERY_NOISE_V = 0.006
HIGHEST_THRESHOLD_HOUR = 3.0  # * "highest at night"

FINE_STEPS = np.array([1.0, 0.125, 0.1, 0.01])
COARSE_STEPS = np.array([20.0, 0.25, 0.5, 0.02])  # * ohm, V, mV, V: the vendor with coarser steps
MEASURABLE = np.array([[100.0, 0.125, 0.3, 2.0], [4_000.0, 7.5, 25.0, 2.9]])  # * except 25 mV: the measuring range


@dataclass(frozen=True, slots=True)
class Drift:
    """Current slow drift: `log_factor` has shape (devices, 3), one column per lead signal."""

    log_factor: Floats


def draw_drift(rng: np.random.Generator, devices: int) -> Drift:
    """Drift in its stationary distribution."""
    return Drift(np.column_stack([process.draw(rng, devices) for process in DRIFTS.values()]))


def advance_drift(rng: np.random.Generator, drift: Drift) -> None:
    """Move the drift one day on, in place."""
    for column, process in DRIFTS.items():
        drift.log_factor[:, column] = process.next_day(rng, drift.log_factor[:, column])


def healthy_values(devices: Devices, drift: Drift, age_days: Floats, hour: Floats) -> Floats:
    """The true values (devices, signals) at one ping, before any fault and before measurement noise."""
    values = np.empty((len(age_days), 4))
    values[:, IMPEDANCE] = devices.impedance_ohms * (1 + 0.3 * np.exp(-age_days / 12))
    values[:, THRESHOLD] = devices.threshold_v * (1 + 0.5 * np.exp(-(((age_days - 25) / 18) ** 2)))
    values[:, THRESHOLD] *= 1 + devices.night_gain * np.cos(2 * np.pi * (hour - HIGHEST_THRESHOLD_HOUR) / 24)
    values[:, SENSING] = devices.r_wave_mv
    values[:, :BATTERY] *= np.exp(drift.log_factor)
    values[:, BATTERY] = battery_v(age_days / devices.battery_life_days)
    return values


def battery_v(used: Floats) -> Floats:
    """Voltage after the share `used` of the battery's life: nearly linear from 2.80 V, then a steep fall."""
    collapse = np.exp(4.2 * np.clip(used - 0.62, 0, 1)) - 1
    return 2.80 - 0.13 * used - 0.012 * collapse


def measure(rng: np.random.Generator, values: Floats, coarse: Bools) -> Floats:
    """The values that the device reports for the true `values`: with noise, clipped to its range, rounded to steps."""
    noise = rng.standard_normal(values.shape)
    measured = values.copy()
    for column, relative_sd in NOISE.items():
        measured[:, column] *= np.exp(relative_sd * noise[:, column])
    measured[:, BATTERY] += BATTERY_NOISE_V * noise[:, BATTERY]
    measured = measured.clip(*MEASURABLE)
    steps = np.where(coarse[:, None], COARSE_STEPS, FINE_STEPS)
    return (np.round(measured / steps) * steps).round(3)
