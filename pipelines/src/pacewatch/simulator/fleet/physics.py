"""A healthy device day by day: slow drift, the healing of a new lead, the night, the battery, the steps of the ADC.

The model and its numbers are the simulator's specification; implant studies give the courses of the first months
(Kistler 2006: impedance falls from 879 to 677 ohm within a month, threshold peaks around week 4), the handbook of the
generator the battery. `*` means judgement.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.simulator.fleet.chance import Wander
from pacewatch.simulator.fleet.devices import Devices
from pacewatch.simulator.fleet.signals import BATTERY, IMPEDANCE, SENSING, THRESHOLD
from pacewatch.simulator.sources.day import Flags, Floats

WANDERS = {IMPEDANCE: Wander(0.04, 60), THRESHOLD: Wander(0.10, 20), SENSING: Wander(0.10, 30)}
NOISE = {IMPEDANCE: 0.018, THRESHOLD: 0.05, SENSING: 0.08}  # * relative, one ping to the next
BATTERY_NOISE_V = 0.006
HIGHEST_THRESHOLD_HOUR = 3.0  # * "highest at night"

FINE_STEPS = np.array([1.0, 0.125, 0.1, 0.01])
COARSE_STEPS = np.array([20.0, 0.25, 0.5, 0.02])  # * ohm, V, mV, V: the vendor with coarser steps
MEASURABLE = np.array([[100.0, 0.125, 0.3, 2.0], [4_000.0, 7.5, 25.0, 2.9]])  # * except 25 mV: what a device can show


@dataclass(frozen=True, slots=True)
class Course:
    """Where the slow drifts stand: shape (devices, 3), logarithms, one column per lead signal."""

    drift: Floats


def draw_course(rng: np.random.Generator, devices: int) -> Course:
    """Drifts that have always been running."""
    return Course(np.column_stack([wander.start(rng, devices) for wander in WANDERS.values()]))


def advance(rng: np.random.Generator, course: Course) -> None:
    """One day on."""
    for column, wander in WANDERS.items():
        course.drift[:, column] = wander.after_a_day(rng, course.drift[:, column])


def healthy(devices: Devices, course: Course, age_days: Floats, hour: Floats) -> Floats:
    """The true values (devices, signals) at one ping, before any fault and before the noise of measuring."""
    values = np.empty((len(age_days), 4))
    values[:, IMPEDANCE] = devices.impedance_ohms * (1 + 0.3 * np.exp(-age_days / 12))
    values[:, THRESHOLD] = devices.threshold_v * (1 + 0.5 * np.exp(-(((age_days - 25) / 18) ** 2)))
    values[:, THRESHOLD] *= 1 + devices.night_gain * np.cos(2 * np.pi * (hour - HIGHEST_THRESHOLD_HOUR) / 24)
    values[:, SENSING] = devices.r_wave_mv
    values[:, :BATTERY] *= np.exp(course.drift)
    values[:, BATTERY] = battery_v(age_days / devices.battery_life_days)
    return values


def battery_v(used: Floats) -> Floats:
    """Voltage after the share `used` of its life: near linear from 2.80 V, then collapse."""
    collapse = np.exp(4.2 * np.clip(used - 0.62, 0, 1)) - 1
    return 2.80 - 0.13 * used - 0.012 * collapse


def measured(rng: np.random.Generator, values: Floats, coarse: Flags) -> Floats:
    """What the device reports of the true `values`: with noise, in steps, within what it can show."""
    noise = rng.standard_normal(values.shape)
    shown = values.copy()
    for column, relative_sd in NOISE.items():
        shown[:, column] *= np.exp(relative_sd * noise[:, column])
    shown[:, BATTERY] += BATTERY_NOISE_V * noise[:, BATTERY]
    shown = shown.clip(*MEASURABLE)
    steps = np.where(coarse[:, None], COARSE_STEPS, FINE_STEPS)
    return (np.round(shown / steps) * steps).round(3)
