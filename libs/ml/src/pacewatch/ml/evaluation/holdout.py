"""Rows with a known end, and what is known of failures: what every figure of an evaluation is computed from."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Labels, Words


class Failures(NamedTuple):
    """Recorded failures, one entry each; a device may fail more than once. `modes` say how, where that is known."""

    device_ids: Ints
    occurred_at_s: Ints
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdout:
    """Resolved rows of one span in time, sorted by device and time; every array has one entry per row.

    `groups` names subgroups: for each name one word per row.
    """

    device_ids: Ints
    timestamps_s: Ints
    labels: Labels
    x: Floats  # (rows, predictors); any engineered value may be NaN
    groups: dict[str, Words]

    @property
    def days(self) -> Ints:
        """The UTC day of each row, counted from 1970."""
        return self.timestamps_s // SECONDS_PER_DAY

    def where(self, rows: Bools) -> "Holdout":
        """The marked rows alone."""
        arrays = {name: getattr(self, name)[rows] for name in ("device_ids", "timestamps_s", "labels", "x")}
        return replace(self, **arrays, groups={name: words[rows] for name, words in self.groups.items()})
