"""The places of a fleet: everything known and hidden about each device, one row per place.

A place whose device has gone may be given to a new one, so a fleet can go on forever in the same memory.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from pacewatch.simulator.failures.failures import Fates, draw_fates
from pacewatch.simulator.fleet.decoys import Decoys, no_decoys
from pacewatch.simulator.fleet.devices import Devices, draw_devices
from pacewatch.simulator.fleet.link import Link, draw_link
from pacewatch.simulator.fleet.physics import Course, draw_course
from pacewatch.simulator.sources.day import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Slots:
    """The state of a fleet. `gone_day` is the day a device left, -1 while it is there."""

    devices: Devices
    course: Course
    decoys: Decoys
    fates: Fates
    link: Link
    low_pings: Ints
    gone_day: Ints

    @property
    def present(self) -> Flags:
        return self.gone_day < 0


@dataclass(frozen=True, slots=True)
class World:
    """What holds for the whole fleet: when it starts, how fast it fails, which regimes are on."""

    start_s: int
    enrich: float
    regimes: frozenset[str]


def draw_slots(rng: np.random.Generator, world: World, now_s: int, device_id: Ints, age_days: Floats) -> Slots:
    """New occupants of the given ages."""
    n = len(device_id)
    devices = draw_devices(rng, device_id, age_days, now_s, world.regimes)
    return Slots(
        devices=devices,
        course=draw_course(rng, n),
        decoys=no_decoys(n),
        fates=draw_fates(rng, devices, world.start_s, now_s, world.enrich),
        link=draw_link(rng, n),
        low_pings=np.zeros(n, np.int64),
        gone_day=np.full(n, -1),
    )


def put(state: Any, places: Ints, fresh: Any) -> None:
    """Write every array of `fresh` into the rows `places` of the same array of `state`."""
    for field in fields(state):
        old, new = getattr(state, field.name), getattr(fresh, field.name)
        if is_dataclass(old):
            put(old, places, new)
        else:
            old[places] = new
