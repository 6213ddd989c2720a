"""When an episode opens and closes: pure decisions about one device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Episode:
    """The latest episode of a device; `closed_at` is fleet time, None while it is open.

    `danger_s` is the time of its newest reading that was not well below the threshold.
    """

    id: UUID
    closed_at: datetime | None
    danger_s: int
    by_limit: bool = False

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Rules:
    """`closing_risk`, in [0, 1], is well below the operating threshold; `cooldown` is fleet time.

    `horizon_s` is what a score speaks of: an alert stands until it is over for the last reading that was a danger.
    """

    closing_risk: float
    cooldown: timedelta
    horizon_s: int

    def opens(self, latest: Episode | None, now: datetime) -> bool:
        """Whether a high newest reading opens an episode: none is open, and the cooldown is over."""
        return latest is None or (latest.closed_at is not None and now - latest.closed_at >= self.cooldown)

    def is_calm(self, risk: float, episode: Episode, *, recovered: bool) -> bool:
        """Whether a reading that reaches no hard limit is no danger any more.

        For an episode that a limit opened, the device has to have `recovered`: signals with limits are normal again.
        """
        return risk < self.closing_risk and (recovered or not episode.by_limit)

    def closes(self, timestamp_s: int, episode: Episode) -> bool:
        """Whether a calm newest reading closes the episode: the horizon of its last danger is over."""
        return timestamp_s - episode.danger_s >= self.horizon_s
