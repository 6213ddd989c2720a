"""What looks like a fault and is none: without it, every alarm would be right and every later number worthless.

Rates a year are judgement (`*`), as are sizes and lengths of the reversible episodes.
"""

from dataclasses import dataclass

import numpy as np

from pacewatch.simulator.fleet.chance import DAYS_PER_YEAR, between
from pacewatch.simulator.fleet.signals import IMPEDANCE, SENSING, THRESHOLD
from pacewatch.simulator.sources.day import Floats


@dataclass(frozen=True, slots=True)
class Episode:
    """A swell of one signal that comes and goes; sizes are logarithms of the factor at its height."""

    column: int
    per_year: float
    size: tuple[float, float]
    days: tuple[float, float]


EPISODES = (
    Episode(THRESHOLD, per_year=0.25, size=(0.3, 1.0), days=(5, 40)),
    Episode(SENSING, per_year=0.15, size=(-0.3, -1.1), days=(3, 25)),
)
SHIFTS_PER_YEAR = 0.06
SHIFT = (0.22, 0.25)
SPIKE_SHARE = 0.0015  # of pings
SPIKE = (1.25, 4.0)  # as an intermittent fracture


@dataclass(frozen=True, slots=True)
class Decoys:
    """One row per slot, one column per kind of episode: days since its start, its length, its size; and the level."""

    elapsed_days: Floats
    length_days: Floats
    size: Floats
    impedance_level: Floats


def no_decoys(devices: int) -> Decoys:
    """Nothing under way."""
    shape = (devices, len(EPISODES))
    return Decoys(np.ones(shape), np.ones(shape), np.zeros(shape), np.ones(devices))


def apply_decoys(rng: np.random.Generator, decoys: Decoys, values: Floats) -> None:
    """One day on, and what it does to `values` (devices, signals)."""
    _begin_episodes(rng, decoys)
    height = np.sin(np.pi * np.minimum(decoys.elapsed_days / decoys.length_days, 1.0))
    for number, episode in enumerate(EPISODES):
        values[:, episode.column] *= np.exp(decoys.size[:, number] * height[:, number])
    _shift_levels(rng, decoys.impedance_level)
    values[:, IMPEDANCE] *= decoys.impedance_level * _spikes(rng, len(values))


def _begin_episodes(rng: np.random.Generator, decoys: Decoys) -> None:
    decoys.elapsed_days[:] += 1
    chance = rng.random((3, *decoys.size.shape))
    for number, episode in enumerate(EPISODES):
        over = decoys.elapsed_days[:, number] >= decoys.length_days[:, number]
        begins = over & (chance[0, :, number] < episode.per_year / DAYS_PER_YEAR)
        decoys.elapsed_days[begins, number] = 0
        decoys.length_days[begins, number] = between(*episode.days, chance[1, begins, number])
        decoys.size[begins, number] = between(*episode.size, chance[2, begins, number])


def _shift_levels(rng: np.random.Generator, level: Floats) -> None:
    chance = rng.random((3, len(level)))
    shifts = chance[0] < SHIFTS_PER_YEAR / DAYS_PER_YEAR
    sign = np.where(chance[1, shifts] < 0.5, -1, 1)
    level[shifts] *= 1 + sign * between(*SHIFT, chance[2, shifts])


def _spikes(rng: np.random.Generator, devices: int) -> Floats:
    chance = rng.random((2, devices))
    return np.where(chance[0] < SPIKE_SHARE, between(*SPIKE, chance[1]), 1.0)
