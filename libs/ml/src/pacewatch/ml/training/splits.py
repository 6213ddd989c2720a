"""Which rows train, validate and test. An embargo of one horizon between spans keeps each outcome on one side."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError

TRAIN_SHARE, VALIDATION_SHARE = 0.64, 0.16  # of the time without the embargoes; the test span has the newest fifth
SHORTEST_SPAN_S = 10 * SECONDS_PER_DAY
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
class Split:
    """Train, then validation (chooses and calibrates), then test (evaluates, and nothing else)."""

    train: Span
    validation: Span
    test: Span

    def as_dict(self) -> dict[str, dict[str, int]]:
        """JSON-serialisable."""
        return asdict(self)


def split_in_time(keys: Readings, horizon_s: int, now_s: int) -> Split:
    """Three spans of the time of labelled rows, oldest first, one horizon apart.

    Rows of the last horizon before `now_s` are left out: only failures can have a label there. A label looks one
    horizon ahead, and the embargo keeps it from reaching into the next span. Shares are of the time in which the fleet
    sent readings, so neither a few rows of a wrong clock nor the years between an archive and today make a span longer.
    TrainingImpossibleError if the time is too short.
    """
    last_s = min(int(keys.timestamps_s.max(initial=0)), now_s - horizon_s)
    starts, ends = _active_stretches(keys.where(keys.timestamps_s <= last_s), last_s)
    active_s = int((ends - starts).sum())
    usable = active_s - 2 * horizon_s
    if usable < SHORTEST_SPAN_S:
        raise TrainingImpossibleError(
            "span_too_short",
            f"labelled rows cover {active_s / SECONDS_PER_DAY:.0f} days; training, validation and test "
            f"with embargoes need {(SHORTEST_SPAN_S + 2 * horizon_s) / SECONDS_PER_DAY:.0f}",
        )
    train_to = int(TRAIN_SHARE * usable)
    validation_from = train_to + horizon_s + 1
    validation_to = validation_from + int(VALIDATION_SHARE * usable)
    borders = (train_to, validation_from, validation_to, validation_to + horizon_s + 1)
    train_to, validation_from, validation_to, test_from = (_time_at(starts, ends, border_s) for border_s in borders)
    first_s = int(keys.timestamps_s.min())
    return Split(Span(first_s, train_to), Span(validation_from, validation_to), Span(test_from, last_s))


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


def grouped_folds(device_ids: Ints, folds: int, seed: int) -> Iterator[tuple[Bools, Bools]]:
    """(train, test) row masks: every device is in the test of one fold, and in the training of all others."""
    devices = np.unique(device_ids)
    if folds == 0:
        return
    fold_of = np.random.default_rng(seed).permutation(len(devices)) % folds
    row_fold = fold_of[np.searchsorted(devices, device_ids)]
    for fold in range(folds):
        yield row_fold != fold, row_fold == fold
