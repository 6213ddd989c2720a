"""What the demo shows, and for how long its history is."""

import time
from dataclasses import dataclass
from pathlib import Path

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.simulator.day import Source
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.replay import ReplayedFleet

# Enriched so that the first model sees some 30 failures, and its gate a few of them in the holdout.
PATIENTS, PATIENT_HISTORY_DAYS, ENRICH, SEED = 300, 120, 24.0, 2
MACHINE_HISTORY_DAYS = 200


@dataclass(frozen=True, slots=True)
class Options:
    """How the demo runs. `data` is the folder of recorded machines, for the machine profile."""

    folder: Path
    port: int
    mailcatcher_port: int
    profile: str
    data: Path
    seconds_per_day: float
    training_every_days: int

    @property
    def state_file(self) -> Path:
        return self.folder / "demo.json"

    @property
    def history_days(self) -> int:
        """How many days are loaded before the first live one."""
        return MACHINE_HISTORY_DAYS if self.profile == MACHINE.name else PATIENT_HISTORY_DAYS

    def first_day_s(self) -> int:
        """The start of the history. A simulated history ends today; a recorded one has its own dates."""
        if self.profile == MACHINE.name:
            return ReplayedFleet(self.data).start_s
        today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
        return today_s - PATIENT_HISTORY_DAYS * SECONDS_PER_DAY

    def create_source(self, start_s: int) -> Source:
        """The recorded machines, or simulated patients from `start_s` on."""
        if self.profile == MACHINE.name:
            return ReplayedFleet(self.data)
        return Fleet(PATIENTS, start_s, ENRICH, SEED, refill=True)
