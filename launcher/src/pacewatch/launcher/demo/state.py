"""How far a demo folder has come, so that the next run continues from there."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.machine import MACHINE
from pacewatch.kit import clock
from pacewatch.kit.files import write_whole
from pacewatch.launcher.demo.options import ENRICH, PATIENTS, SEED, Options
from pacewatch.simulator.day import Source
from pacewatch.simulator.fleet.fleet import Fleet
from pacewatch.simulator.sources.replay import ReplayedFleet


class WrongFolderError(Exception):
    """The demo folder holds another fleet than the one asked for."""


@dataclass(frozen=True, slots=True)
class DemoState:
    """The fleet and how many of its days are done. That is enough to continue: a fleet always lives the same days.

    The defaults are those of folders of earlier versions, whose history is loaded.
    """

    profile: str
    start_s: int
    days_done: int
    history_days: int = -1
    patients: int = 300
    enrich: float = 24.0

    @classmethod
    def load_or_create(cls, options: Options) -> "DemoState":
        """The state in the demo folder, or that of a new fleet. WrongFolderError if the folder has another fleet."""
        if not options.state_file.exists():
            return cls(options.profile, options.first_day_s(), 0, options.history_days, PATIENTS, ENRICH)
        state = cls(**json.loads(options.state_file.read_text()))
        asked = {"profile": options.profile, "history_days": options.history}
        for name, value in asked.items():
            if value is not None and value != getattr(state, name):
                raise WrongFolderError(
                    f"{options.folder} holds a fleet with {name} {getattr(state, name)}, not {value}: "
                    f"use another DEMO_DIR, or remove the folder"
                )
        return state

    def save(self, path: Path) -> None:
        """Replace the file `path` atomically."""
        write_whole(path, json.dumps(asdict(self)).encode())

    def create_source(self, data: Path) -> Source:
        """The fleet from its first day on: machines recorded in `data`, or simulated patients."""
        if self.profile == MACHINE.name:
            return ReplayedFleet(data)
        return Fleet(self.patients, self.start_s, self.enrich, SEED, refill=True)

    @property
    def now_s(self) -> int:
        """Fleet time at the end of the history, or of the last day done, in Unix seconds."""
        return self.start_s + max(self.days_done, self.history_days) * SECONDS_PER_DAY

    def after(self, days_done: int) -> "DemoState":
        return replace(self, days_done=days_done)

    def stop_clock(self) -> None:
        """Stop fleet time at `now_s`, so that no reading posted so far lies in the future."""
        clock.start_at(self.now_s, 0)
