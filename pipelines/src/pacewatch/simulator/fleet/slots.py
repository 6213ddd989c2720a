"""The slots of a fleet: the complete state, known and hidden, of each device; one row per slot.

A slot whose device has ended can be given to a new device, so a fleet can run forever in constant memory.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.simulator.devices.decoys import Decoys, no_decoys
from pacewatch.simulator.devices.devices import Devices, draw_devices
from pacewatch.simulator.devices.link import Link, draw_link
from pacewatch.simulator.devices.physics import Drift, draw_drift
from pacewatch.simulator.failures.failures import FailureSchedule, draw_failure_schedule


@dataclass(frozen=True, slots=True)
class Slots:
    """The state of a fleet. `ended_day` is the day on which a device ended, -1 while it is present."""

    devices: Devices
    drift: Drift
    decoys: Decoys
    schedule: FailureSchedule
    link: Link
    low_pings: Ints
    ended_day: Ints

    @property
    def present(self) -> Bools:
        return self.ended_day < 0


@dataclass(frozen=True, slots=True)
class FleetParameters:
    """What applies to the whole fleet: its first second, the failure multiplier, the active regimes."""

    start_s: int
    enrich: float
    regimes: frozenset[str]


def draw_slots(
    rng: np.random.Generator, parameters: FleetParameters, now_s: int, device_id: Ints, age_days: Floats
) -> Slots:
    """New devices of the given ages."""
    n = len(device_id)
    devices = draw_devices(rng, device_id, age_days, now_s, parameters.regimes)
    return Slots(
        devices=devices,
        drift=draw_drift(rng, n),
        decoys=no_decoys(n),
        schedule=draw_failure_schedule(rng, devices, parameters.start_s, now_s, parameters.enrich),
        link=draw_link(rng, n),
        low_pings=np.zeros(n, np.int64),
        ended_day=np.full(n, -1),
    )


def replace_rows(state: Any, rows: Ints, fresh: Any) -> None:
    """Write every array of `fresh` into `rows` of the same array of `state`, through nested dataclasses."""
    for field in fields(state):
        old, new = getattr(state, field.name), getattr(fresh, field.name)
        if is_dataclass(old):
            replace_rows(old, rows, new)
        else:
            old[rows] = new
