"""Which rows may teach, choose and judge. Between spans lies an embargo of one horizon: no outcome is on both sides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Ints
from pacewatch.ml.errors import TrainingImpossibleError

TRAIN_SHARE, VALIDATION_SHARE = 0.64, 0.16  # of the time that the two embargoes leave; the test has the newest fifth
SHORTEST_SPAN_S = 10 * SECONDS_PER_DAY
HEARD_SHARE = 0.05  # of the devices of the busiest day: a day of fewer, of wrong clocks say, is no day of the fleet
LONGEST_SILENCE_DAYS = 60  # beyond, a stretch without the fleet does not count as its time


@dataclass(frozen=True, slots=True)
class Span:
    """Closed interval of reading times, Unix seconds."""

    from_s: int
    to_s: int

    def of(self, timestamps_s: Ints) -> Bools:
        """Which of the rows lie inside."""
        return (timestamps_s >= self.from_s) & (timestamps_s <= self.to_s)


@dataclass(frozen=True, slots=True)
class Split:
    """Train, then validation (chooses and calibrates), then test (judges, and nothing else)."""

    train: Span
    validation: Span
    test: Span

    def as_dict(self) -> dict[str, dict[str, int]]:
        """JSON-able."""
        return {name: {"from_s": span.from_s, "to_s": span.to_s} for name, span in self._spans().items()}

    def _spans(self) -> dict[str, Span]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def split_in_time(device_ids: Ints, timestamps_s: Ints, horizon_s: int, now_s: int) -> Split:
    """Three spans of the resolved rows' time, oldest first, one horizon apart; one entry per row.

    Rows of the last horizon before `now_s` stay out: of those only failures can be known already. The embargo keeps a
    label of one span, which looks one horizon ahead, from reaching into the next. Shares are of the time in which the
    fleet was heard from: neither a few rows of a wrong clock nor the years between an archive and today stretch a span
    over nothing. TrainingImpossibleError if too short.
    """
    last = min(int(timestamps_s.max(initial=0)), now_s - horizon_s)
    known = timestamps_s <= last
    starts, ends = _eras(device_ids[known], timestamps_s[known], last)
    lived = int((ends - starts).sum())
    usable = lived - 2 * horizon_s
    if usable < SHORTEST_SPAN_S:
        raise TrainingImpossibleError(
            "span_too_short",
            f"resolved rows cover {lived / SECONDS_PER_DAY:.0f} days; training, validation and test "
            f"with embargoes need {(SHORTEST_SPAN_S + 2 * horizon_s) / SECONDS_PER_DAY:.0f}",
        )
    train_to = int(TRAIN_SHARE * usable)
    validation_from = train_to + horizon_s + 1
    validation_to = validation_from + int(VALIDATION_SHARE * usable)
    borders = (train_to, validation_from, validation_to, validation_to + horizon_s + 1)
    train_to, validation_from, validation_to, test_from = (_moment(starts, ends, lived_s) for lived_s in borders)
    first = int(timestamps_s.min())
    return Split(Span(first, train_to), Span(validation_from, validation_to), Span(test_from, last))


def _eras(device_ids: Ints, timestamps_s: Ints, last_s: int) -> tuple[Ints, Ints]:
    """First and last second of each stretch of time in which the fleet was heard from, up to `last_s`."""
    if not len(timestamps_s):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    devices, device = np.unique(device_ids, return_inverse=True)
    met = np.unique(timestamps_s // SECONDS_PER_DAY * len(devices) + device) // len(devices)
    days, heard = np.unique(met, return_counts=True)
    days = days[heard >= HEARD_SHARE * heard.max()]
    after = np.flatnonzero(np.diff(days) > LONGEST_SILENCE_DAYS)
    starts, ends = days[[0, *(after + 1)]] * SECONDS_PER_DAY, (days[[*after, -1]] + 1) * SECONDS_PER_DAY
    return np.maximum(starts, timestamps_s.min()), np.minimum(ends, last_s)


def _moment(starts: Ints, ends: Ints, lived_s: int) -> int:
    """When the fleet had been heard from for so long."""
    behind_s = np.cumsum(ends - starts) - (ends - starts)
    era = int(np.searchsorted(behind_s, lived_s, side="right")) - 1
    return int(starts[era] + lived_s - behind_s[era])


def grouped_folds(device_ids: Ints, folds: int, seed: int) -> Iterator[tuple[Bools, Bools]]:
    """(train, test) row masks: every device is tested in one fold, and never trained on in the same."""
    devices = np.unique(device_ids)
    if folds == 0:
        return
    fold_of = np.random.default_rng(seed).permutation(len(devices)) % folds
    row_fold = fold_of[np.searchsorted(devices, device_ids)]
    for fold in range(folds):
        yield row_fold != fold, row_fold == fold
