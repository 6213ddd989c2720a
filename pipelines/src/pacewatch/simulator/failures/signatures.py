"""What each fault does to the signals between its first sign and the failure.

An effect takes and returns values (devices, signals); `progress` runs from 0 at the first sign to 1 at the failure,
`strength` (devices, 3) is drawn once per device and `luck` (devices, 2) anew for every ping, both in [0, 1).
"""

from collections.abc import Callable

import numpy as np

from pacewatch.simulator.fleet.chance import between
from pacewatch.simulator.fleet.signals import IMPEDANCE, SENSING, THRESHOLD
from pacewatch.simulator.sources.day import Floats

Effect = Callable[[Floats, Floats, Floats, Floats], Floats]


def nothing(values: Floats, _progress: Floats, _strength: Floats, _luck: Floats) -> Floats:
    """A silent fracture or a sudden failure: nobody could have known."""
    return values


def fracture_step(values: Floats, _progress: Floats, strength: Floats, _luck: Floats) -> Floats:
    """The conductor has parted: 1.9-3.5 kohm from one ping to the next."""
    values[:, IMPEDANCE] = between(1_900, 3_500, strength[:, 0])
    return values


def fracture_spikes(values: Floats, progress: Floats, _strength: Floats, luck: Floats) -> Floats:
    """The ends still touch mostly: single readings 1.25-4 times as high, more and more often."""
    open_now = luck[:, 0] < 0.03 + 0.45 * progress**2
    values[open_now, IMPEDANCE] *= between(1.25, 4, luck[open_now, 1])
    return values


def insulation_ramp(values: Floats, progress: Floats, strength: Floats, _luck: Floats) -> Floats:
    """The insulation wears through: 20-60 % less impedance in the end."""
    values[:, IMPEDANCE] *= 1 - between(0.20, 0.60, strength[:, 0]) * progress
    return values


def insulation_step(values: Floats, _progress: Floats, strength: Floats, _luck: Floats) -> Floats:
    """The insulation breaks: 130-280 ohm from one ping to the next."""
    values[:, IMPEDANCE] = between(130, 280, strength[:, 0])
    return values


def exit_block_ramp(values: Floats, progress: Floats, strength: Floats, _luck: Floats) -> Floats:
    """The tissue at the tip scars: the threshold grows by e^0.6 to e^1.6."""
    values[:, THRESHOLD] *= np.exp(between(0.6, 1.6, strength[:, 0]) * progress)
    return values


def dislodgement_step(values: Floats, _progress: Floats, strength: Floats, _luck: Floats) -> Floats:
    """The tip has moved: threshold 2-5 times, R wave 0.2-0.7 times, impedance 0.6-0.85 times what it was."""
    values[:, THRESHOLD] *= between(2, 5, strength[:, 0])
    values[:, SENSING] *= between(0.2, 0.7, strength[:, 1])
    values[:, IMPEDANCE] *= between(0.6, 0.85, strength[:, 2])
    return values
