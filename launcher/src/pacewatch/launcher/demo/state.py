"""How far a demo folder has come, so that the next run continues from there."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit import clock
from pacewatch.kit.files import write_whole
from pacewatch.launcher.demo.options import Options


class WrongFolderError(Exception):
    """The demo folder holds a fleet of another profile."""


@dataclass(frozen=True, slots=True)
class DemoState:
    """The fleet and how many of its days are done. That is enough to continue: a fleet always lives the same days."""

    profile: str
    start_s: int
    days_done: int

    @classmethod
    def load_or_create(cls, options: Options) -> "DemoState":
        """The state in the demo folder, or that of a new fleet. WrongFolderError if the profile is not the folder's."""
        if not options.state_file.exists():
            return cls(options.profile, options.first_day_s(), 0)
        state = cls(**json.loads(options.state_file.read_text()))
        if state.profile != options.profile:
            raise WrongFolderError(
                f"{options.folder} holds a {state.profile} fleet; use another DEMO_DIR for {options.profile}, "
                f"or remove the folder"
            )
        return state

    def save(self, path: Path) -> None:
        """Replace the file `path` atomically."""
        write_whole(path, json.dumps(asdict(self)).encode())

    @property
    def now_s(self) -> int:
        """Fleet time at the end of the last day done, in Unix seconds."""
        return self.start_s + self.days_done * SECONDS_PER_DAY

    def after(self, days_done: int) -> "DemoState":
        return replace(self, days_done=days_done)

    def stop_clock(self) -> None:
        """Stop fleet time at the end of the last day done, so that no reading posted so far lies in the future."""
        clock.start_at(self.now_s, 0)
