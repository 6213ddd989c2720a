"""When an episode opens and closes: pure decisions about one device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Episode:
    """The latest episode of a device; `closed_at` is fleet time, None while it is open."""

    id: UUID
    closed_at: datetime | None
    by_limit: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """`closing_risk`, in [0, 1], is well below the operating threshold; `cooldown` is fleet time."""

    closing_risk: float
    cooldown: timedelta

    def opens(self, latest: Episode | None, now: datetime) -> bool:
        """Whether a high newest reading opens an episode: none is open, and the cooldown is over."""
        return latest is None or (latest.closed_at is not None and now - latest.closed_at >= self.cooldown)

    def closes(self, risk: float, latest: Episode | None, *, recovered: bool) -> bool:
        """Whether the newest reading, which reaches no hard limit, closes the open episode.

        One that a limit opened stays open until the device has `recovered`: signals with limits are normal again.
        """
        if latest is None or latest.closed_at is not None:
            return False
        return risk < self.closing_risk and (recovered or not latest.by_limit)
