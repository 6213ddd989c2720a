"""Which rows may teach, choose and judge. Between spans lies an embargo of one horizon: no outcome is on both sides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.ml.errors import TrainingImpossibleError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TRAIN_SHARE, VALIDATION_SHARE = 0.64, 0.16  # of the time that the two embargoes leave; the test has the newest fifth
SHORTEST_SPAN_S = 10 * SECONDS_PER_DAY


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


def split_in_time(timestamps_s: Ints, horizon_s: int, now_s: int) -> Split:
    """Three spans of the resolved rows' time, oldest first, one horizon apart.

    Rows of the last horizon before `now_s` stay out: of those only failures can be known already. The embargo keeps a
    label of one span, which looks one horizon ahead, from reaching into the next. TrainingImpossibleError if too short.
    """
    first, last = int(timestamps_s.min(initial=now_s)), min(int(timestamps_s.max(initial=0)), now_s - horizon_s)
    usable = last - first - 2 * horizon_s
    if usable < SHORTEST_SPAN_S:
        raise TrainingImpossibleError(
            "span_too_short",
            f"resolved rows cover {max(last - first, 0) / SECONDS_PER_DAY:.0f} days; training, validation and test "
            f"with embargoes need {(SHORTEST_SPAN_S + 2 * horizon_s) / SECONDS_PER_DAY:.0f}",
        )
    train_to = first + int(TRAIN_SHARE * usable)
    validation_from = train_to + horizon_s + 1
    validation_to = validation_from + int(VALIDATION_SHARE * usable)
    return Split(Span(first, train_to), Span(validation_from, validation_to), Span(validation_to + horizon_s + 1, last))


def grouped_folds(device_ids: Ints, folds: int, seed: int) -> Iterator[tuple[Bools, Bools]]:
    """(train, test) row masks: every device is tested in one fold, and never trained on in the same."""
    devices = np.unique(device_ids)
    if folds == 0:
        return
    fold_of = np.random.default_rng(seed).permutation(len(devices)) % folds
    row_fold = fold_of[np.searchsorted(devices, device_ids)]
    for fold in range(folds):
        yield row_fold != fold, row_fold == fold
