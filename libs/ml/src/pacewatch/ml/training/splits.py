"""Which rows are learned from and which are judged: origins that roll through the settled time."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError

ORIGINS = 5
LEARNING_SHARE = 0.30  # of the settled time, the oldest: it is only learned from
SHORTEST_LEARNING_S = 10 * SECONDS_PER_DAY  # before the embargo of the first origin
SEEN_SHARE = 0.05  # of the devices of the busiest day: a day with fewer (wrong clocks, for instance) does not count
LONGEST_SILENCE_DAYS = 60  # a longer gap between days of the fleet does not count as time


@dataclass(frozen=True, slots=True)
class Span:
    """Closed interval of reading times, in Unix seconds."""

    from_s: int
    to_s: int

    def of(self, timestamps_s: Ints) -> Bools:
        """Which rows are inside."""
        return (timestamps_s >= self.from_s) & (timestamps_s <= self.to_s)


@dataclass(frozen=True, slots=True)
class Origin:
    """An instant up to which a model learns (`fit`, which ends an embargo before it), and the span that it predicts."""

    fit: Span
    judged: Span


@dataclass(frozen=True, slots=True)
class Rolling:
    """Origins, oldest first, and the span of everything settled, which the final fit learns from."""

    origins: tuple[Origin, ...]
    settled: Span

    @property
    def judged(self) -> Span:
        """The spans of all origins, which follow one another."""
        return Span(self.origins[0].judged.from_s, self.settled.to_s)

    def origin_of(self, timestamps_s: Ints) -> Ints:
        """The position of the origin that predicts each row of `judged`."""
        starts = [origin.judged.from_s for origin in self.origins]
        return np.searchsorted(starts, timestamps_s, side="right") - 1

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {"origins": [asdict(origin) for origin in self.origins], "final_fit": asdict(self.settled)}


def rolling_origins(keys: Readings, horizon_s: int, now_s: int) -> Rolling:
    """Up to `ORIGINS` origins, at least a horizon apart, through the time of labelled rows.

    A label looks one horizon ahead, so an embargo of a horizon before each origin keeps what is learned from reaching
    into what is judged. Rows of the last horizon before `now_s` are left out: only failures can have a label there.
    Shares are of the time in which the fleet sent readings, so neither a few rows of a wrong clock nor the years
    between an archive and today make a span longer. TrainingImpossibleError if there is not even one origin.
    """
    last_s = min(int(keys.timestamps_s.max(initial=0)), now_s - horizon_s)
    starts, ends = _active_stretches(keys.where(keys.timestamps_s <= last_s), last_s)
    active_s = int((ends - starts).sum())
    first_origin_s = max(int(LEARNING_SHARE * active_s), SHORTEST_LEARNING_S + horizon_s)
    count = min(ORIGINS, (active_s - first_origin_s) // horizon_s)
    if count < 1:
        needed_s = SHORTEST_LEARNING_S + 2 * horizon_s
        raise TrainingImpossibleError(
            "span_too_short",
            f"labelled rows cover {active_s / SECONDS_PER_DAY:.0f} days; one origin, with what is learned before it, "
            f"the embargo and what it predicts, needs {needed_s / SECONDS_PER_DAY:.0f}",
        )
    borders = np.linspace(first_origin_s, active_s, count + 1)[:-1].astype(np.int64)
    from_s = [_time_at(starts, ends, int(border)) for border in borders]
    to_s = [*(after - 1 for after in from_s[1:]), last_s]
    first_s = int(keys.timestamps_s.min())
    pairs = zip(from_s, to_s, strict=True)
    origins = tuple(Origin(Span(first_s, begin - horizon_s - 1), Span(begin, end)) for begin, end in pairs)
    return Rolling(origins, Span(first_s, last_s))


def _active_stretches(keys: Readings, last_s: int) -> tuple[Ints, Ints]:
    """First and last second of each stretch of time in which the fleet sent readings, up to `last_s`."""
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    devices, device = np.unique(keys.device_ids, return_inverse=True)
    day_of_pair = np.unique(keys.timestamps_s // SECONDS_PER_DAY * len(devices) + device) // len(devices)
    days, devices_seen = np.unique(day_of_pair, return_counts=True)
    days = days[devices_seen >= SEEN_SHARE * devices_seen.max()]
    gaps = np.flatnonzero(np.diff(days) > LONGEST_SILENCE_DAYS)
    starts, ends = days[[0, *(gaps + 1)]] * SECONDS_PER_DAY, (days[[*gaps, -1]] + 1) * SECONDS_PER_DAY
    return np.maximum(starts, keys.timestamps_s.min()), np.minimum(ends, last_s)


def _time_at(starts: Ints, ends: Ints, active_s: int) -> int:
    """The Unix second at which the fleet had been active for `active_s` seconds."""
    before_s = np.cumsum(ends - starts) - (ends - starts)
    stretch = int(np.searchsorted(before_s, active_s, side="right")) - 1
    return int(starts[stretch] + active_s - before_s[stretch])
