"""What a fleet lived through, for tests to look back on."""

from dataclasses import dataclass

import numpy as np

from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.day import Day, Readings


@dataclass(frozen=True)
class History:
    fleet: Fleet
    days: list[Day]

    @property
    def arrived(self) -> Readings:
        return np.concatenate([day.readings for day in self.days])
