"""Decoys: changes that look like a fault and are none. Without them a model could catch every failure without a
false alert, and no measured figure would mean anything.

Rates per year are judgement (`*`), as are the sizes and lengths of the reversible changes.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.kit.columns.arrays import Floats
from pacewatch.simulator.devices.random_streams import DAYS_PER_YEAR, interpolate
from pacewatch.simulator.devices.signals import IMPEDANCE, SENSING, THRESHOLD


@dataclass(frozen=True, slots=True)
class ReversibleChange:
    """One signal rises or falls and returns to normal; `size` is the logarithm of the factor at its peak."""

    column: int
    per_year: float
    size: tuple[float, float]
    days: tuple[float, float]


REVERSIBLE_CHANGES = (
    ReversibleChange(THRESHOLD, per_year=0.25, size=(0.3, 1.0), days=(5, 40)),
    ReversibleChange(SENSING, per_year=0.15, size=(-0.3, -1.1), days=(3, 25)),
)
LEVEL_SHIFTS_PER_YEAR = 0.06
LEVEL_SHIFT = (0.22, 0.25)
SPIKE_SHARE = 0.0015  # of pings
SPIKE_FACTOR = (1.25, 4.0)  # as in an intermittent fracture


@dataclass(frozen=True, slots=True)
class Decoys:
    """One row per slot. Per kind of reversible change one column: days since its start, its length, its size.

    `impedance_level` is the factor left by permanent level shifts.
    """

    elapsed_days: Floats
    length_days: Floats
    size: Floats
    impedance_level: Floats


def no_decoys(devices: int) -> Decoys:
    """The initial state: no decoy is active."""
    shape = (devices, len(REVERSIBLE_CHANGES))
    return Decoys(np.ones(shape), np.ones(shape), np.zeros(shape), np.ones(devices))


def apply_decoys(rng: np.random.Generator, decoys: Decoys, values: Floats) -> None:
    """Move the decoys one day on and change `values` (devices, signals) accordingly, both in place."""
    _advance_reversible_changes(rng, decoys)
    height = np.sin(np.pi * np.minimum(decoys.elapsed_days / decoys.length_days, 1.0))
    for number, change in enumerate(REVERSIBLE_CHANGES):
        values[:, change.column] *= np.exp(decoys.size[:, number] * height[:, number])
    _shift_levels(rng, decoys.impedance_level)
    values[:, IMPEDANCE] *= decoys.impedance_level * _spike_factors(rng, len(values))


def _advance_reversible_changes(rng: np.random.Generator, decoys: Decoys) -> None:
    decoys.elapsed_days[:] += 1
    draws = rng.random((3, *decoys.size.shape))
    for number, change in enumerate(REVERSIBLE_CHANGES):
        over = decoys.elapsed_days[:, number] >= decoys.length_days[:, number]
        begins = over & (draws[0, :, number] < change.per_year / DAYS_PER_YEAR)
        decoys.elapsed_days[begins, number] = 0
        decoys.length_days[begins, number] = interpolate(*change.days, draws[1, begins, number])
        decoys.size[begins, number] = interpolate(*change.size, draws[2, begins, number])


def _shift_levels(rng: np.random.Generator, level: Floats) -> None:
    draws = rng.random((3, len(level)))
    shifts = draws[0] < LEVEL_SHIFTS_PER_YEAR / DAYS_PER_YEAR
    sign = np.where(draws[1, shifts] < 0.5, -1, 1)
    level[shifts] *= 1 + sign * interpolate(*LEVEL_SHIFT, draws[2, shifts])


def _spike_factors(rng: np.random.Generator, devices: int) -> Floats:
    draws = rng.random((2, devices))
    return np.where(draws[0] < SPIKE_SHARE, interpolate(*SPIKE_FACTOR, draws[1]), 1.0)
