"""When an episode opens and closes: pure decisions about one device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Episode:
    """The latest episode of a device; `closed_at` is fleet time, None while it is open."""

    id: UUID
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rules:
    """Risks are in [0, 1]; `hysteresis` is a share of the threshold; `cooldown` is fleet time."""

    threshold: float
    hysteresis: float
    cooldown: timedelta

    def opens(self, risk: float, latest: Episode | None, now: datetime) -> bool:
        """Whether this risk of the newest reading opens an episode: none is open, and the cooldown is over."""
        cooled_down = latest is None or (latest.closed_at is not None and now - latest.closed_at >= self.cooldown)
        return risk >= self.threshold and cooled_down

    def closes(self, risk: float, latest: Episode | None) -> bool:
        """Whether this risk of the newest reading closes the open episode."""
        return latest is not None and latest.closed_at is None and risk < self.hysteresis * self.threshold
