"""What the demo shows: the fleet, its history and its pace."""

import time
from dataclasses import dataclass
from pathlib import Path

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.errors import PortTaken
from pacewatch.launcher.ports import free_port
from pacewatch.simulator.sources.replay import ReplayedFleet

# A year in which some 130 failures become known, 8 times as many as in life beside empty batteries: the gate wants 20
# that it can judge. Ended devices are replaced, so the fleet keeps its size.
PATIENTS, ENRICH, SEED = 1_000, 8.0, 2
HISTORY_DAYS = {PACEMAKER.name: 365, MACHINE.name: 200}


@dataclass(frozen=True, slots=True)
class Options:
    """How the demo runs. `data` is the folder of recorded machines; `history` is in days, None for the usual one."""

    folder: Path
    port: int
    mailcatcher_port: int
    profile: str
    data: Path
    seconds_per_day: float
    training_every_days: int
    history: int | None = None

    @property
    def state_file(self) -> Path:
        return self.folder / "demo.json"

    @property
    def history_days(self) -> int:
        """How many days are loaded before the first live one."""
        return HISTORY_DAYS[self.profile] if self.history is None else self.history

    def check(self) -> None:
        """ConfigurationError or PortTaken, before anything starts, for what cannot work."""
        if self.profile not in HISTORY_DAYS:
            raise ConfigurationError(f"PROFILE={self.profile}: the demo shows {' or '.join(HISTORY_DAYS)}")
        for name, port in {"PORT": self.port, "MAILCATCHER_PORT": self.mailcatcher_port}.items():
            try:
                free_port(port)
            except PortTaken:
                advice = f"end what uses it (another demo?), or use another: {name}={port + 1}"
                raise PortTaken(f"port {port} is taken: {advice}") from None
        if self.port == self.mailcatcher_port != 0:
            raise ConfigurationError(f"PORT and MAILCATCHER_PORT are both {self.port}: use two ports")

    def first_day_s(self) -> int:
        """The start of the history. A simulated history ends today; a recorded one has its own dates.

        ConfigurationError if the record is shorter than the history.
        """
        if self.profile == MACHINE.name:
            recorded = ReplayedFleet(self.data)
            days = (recorded.end_s - recorded.start_s) // SECONDS_PER_DAY
            if self.history_days >= days:
                raise ConfigurationError(f"HISTORY={self.history_days}: {days} days are recorded, use fewer")
            return recorded.start_s
        today_s = int(time.time()) // SECONDS_PER_DAY * SECONDS_PER_DAY
        return today_s - self.history_days * SECONDS_PER_DAY
