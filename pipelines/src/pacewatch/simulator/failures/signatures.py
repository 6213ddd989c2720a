"""Signatures: how each fault changes the signals between its first sign and the failure.

An effect takes and returns values (devices, signals). `progress` runs from 0 at the first sign to 1 at the failure.
`strength` (devices, 3) is drawn once per device, `draws` (devices, 2) for every ping; both are in [0, 1).
"""

from collections.abc import Callable

import numpy as np

from pacewatch.kit.columns.arrays import Floats
from pacewatch.simulator.devices.random_streams import interpolate
from pacewatch.simulator.devices.signals import IMPEDANCE, SENSING, THRESHOLD

Effect = Callable[[Floats, Floats, Floats, Floats], Floats]


def no_effect(values: Floats, _progress: Floats, _strength: Floats, _draws: Floats) -> Floats:
    """A silent fracture or a sudden failure: unpredictable from the signals."""
    return values


def fracture_step(values: Floats, _progress: Floats, strength: Floats, _draws: Floats) -> Floats:
    """The conductor is broken: 1.9-3.5 kohm from one ping to the next."""
    values[:, IMPEDANCE] = interpolate(1_900, 3_500, strength[:, 0])
    return values


def fracture_spikes(values: Floats, progress: Floats, _strength: Floats, draws: Floats) -> Floats:
    """The broken ends touch most of the time: single readings 1.25-4 times as high, increasingly often."""
    open_now = draws[:, 0] < 0.03 + 0.45 * progress**2
    values[open_now, IMPEDANCE] *= interpolate(1.25, 4, draws[open_now, 1])
    return values


def insulation_ramp(values: Floats, progress: Floats, strength: Floats, _draws: Floats) -> Floats:
    """The insulation wears through: 20-60 % less impedance at the end."""
    values[:, IMPEDANCE] *= 1 - interpolate(0.20, 0.60, strength[:, 0]) * progress
    return values


def insulation_step(values: Floats, _progress: Floats, strength: Floats, _draws: Floats) -> Floats:
    """The insulation breaks: 130-280 ohm from one ping to the next."""
    values[:, IMPEDANCE] = interpolate(130, 280, strength[:, 0])
    return values


def exit_block_ramp(values: Floats, progress: Floats, strength: Floats, _draws: Floats) -> Floats:
    """The tissue at the tip scars: the threshold grows by e^0.6 to e^1.6."""
    values[:, THRESHOLD] *= np.exp(interpolate(0.6, 1.6, strength[:, 0]) * progress)
    return values


def dislodgement_step(values: Floats, _progress: Floats, strength: Floats, _draws: Floats) -> Floats:
    """The tip has moved: threshold times 2-5, R wave times 0.2-0.7, impedance times 0.6-0.85."""
    values[:, THRESHOLD] *= interpolate(2, 5, strength[:, 0])
    values[:, SENSING] *= interpolate(0.2, 0.7, strength[:, 1])
    values[:, IMPEDANCE] *= interpolate(0.6, 0.85, strength[:, 2])
    return values
