"""Fleet time: the clock for readings, labels, cooldowns and schedules.

Fleet time is the wall clock unless a demo or a replay sets it: then it starts at a chosen time and runs faster, or
stands still. Leases, retries and tokens use wall time and do not use this module.
"""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Pace:
    """Fleet time was `fleet_s` at wall time `wall_s` (both Unix seconds) and runs `speed` times as fast."""

    wall_s: float
    fleet_s: float
    speed: float

    @classmethod
    def parse(cls, text: str) -> "Pace":
        """Parse `wall_s,fleet_s,speed`, the format of PACEWATCH_CLOCK; ValueError otherwise."""
        wall_s, fleet_s, speed = (float(part) for part in text.split(","))
        if not all(map(math.isfinite, (wall_s, fleet_s, speed))) or speed < 0:
            raise ValueError("a clock needs finite seconds and a speed of at least 0")
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
    """The current relation of fleet time to the wall clock; pass it to child processes."""
    return _pace


def set_pace(new: Pace | None) -> None:
    """Set how fleet time follows from the wall clock; None: fleet time is the wall clock."""
    global _pace  # noqa: PLW0603 - a process has one clock
    _pace = new or _WALL


def apply_setting(text: str) -> None:
    """Set fleet time from the setting PACEWATCH_CLOCK; an empty text changes nothing."""
    if text:
        set_pace(Pace.parse(text))


def start_at(fleet_s: float, speed: float) -> None:
    """Set fleet time to `fleet_s` now; it runs `speed` times as fast as the wall clock (0: it stands still)."""
    set_pace(Pace(time.time(), fleet_s, speed))
