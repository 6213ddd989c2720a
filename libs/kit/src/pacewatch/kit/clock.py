"""Fleet time: the one clock that readings, labels, cooldowns and schedules go by.

It is the wall clock unless a demo or a replay sets it: then it starts at a chosen moment and runs faster, or stands
still until moved. Leases, retries and tokens do not ask here: they live in wall time whatever the fleet does.
"""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Pace:
    """At Unix second `wall_s` of the wall clock fleet time was `fleet_s`, and it runs `speed` times as fast."""

    wall_s: float
    fleet_s: float
    speed: float

    @classmethod
    def parse(cls, text: str) -> "Pace":
        """From `wall_s,fleet_s,speed`, as PACEWATCH_CLOCK carries it between processes; ValueError otherwise."""
        wall_s, fleet_s, speed = (float(part) for part in text.split(","))
        if not all(map(math.isfinite, (wall_s, fleet_s, speed))) or speed < 0:
            raise ValueError("a clock takes finite seconds and does not run backwards")
        return cls(wall_s, fleet_s, speed)

    def __str__(self) -> str:
        return f"{self.wall_s!r},{self.fleet_s!r},{self.speed!r}"


_WALL = Pace(0.0, 0.0, 1.0)
_pace = _WALL


def now_s() -> float:
    """Fleet time, Unix seconds."""
    return _pace.fleet_s + (time.time() - _pace.wall_s) * _pace.speed


def now() -> datetime:
    """Fleet time, UTC."""
    return datetime.fromtimestamp(now_s(), UTC)


def speed() -> float:
    """Fleet seconds per wall second."""
    return _pace.speed


def pace() -> Pace:
    """How fleet time follows from the wall clock now: hand it to a child process."""
    return _pace


def set_pace(new: Pace | None) -> None:
    """Let fleet time follow `new`; None is the wall clock again."""
    global _pace  # noqa: PLW0603 - a process has one clock
    _pace = new or _WALL


def apply_setting(told: str) -> None:
    """Let fleet time follow the setting PACEWATCH_CLOCK, if there is one."""
    if told:
        set_pace(Pace.parse(told))


def start_at(fleet_s: float, speed: float) -> None:
    """Fleet time is `fleet_s` at this moment and runs `speed` times as fast as the wall clock (0: stands still)."""
    set_pace(Pace(time.time(), fleet_s, speed))
