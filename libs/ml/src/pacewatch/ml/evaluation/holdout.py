"""Labelled rows and recorded failures: the data that every figure of an evaluation is computed from."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Labels, Words
from pacewatch.kit.columns.readings import Readings


class Failures(NamedTuple):
    """Recorded failures, one entry each; a device may fail more than once. `modes` are empty if not recorded."""

    device_ids: Ints
    occurred_at_s: Ints
    modes: tuple[str, ...] = ()

    @property
    def keys(self) -> Readings:
        """Device and time of each failure."""
        return Readings(self.device_ids, self.occurred_at_s)

    def one_in_each_horizon(self, horizon_s: int) -> "Failures":
        """The first failure of each device, and the first that comes a horizon or more after the last one kept.

        A failure that is reported twice, or under two modes, is one event; labels follow from all of them.
        """
        modes = self.modes or ("",) * len(self.device_ids)
        kept = list[tuple[int, int, str]]()
        given = zip(self.device_ids.tolist(), self.occurred_at_s.tolist(), modes, strict=True)
        for device, second, mode in sorted(given):
            if not kept or kept[-1][0] != device or second - kept[-1][1] >= horizon_s:
                kept.append((device, second, mode))
        keys = np.array([one[:2] for one in kept], dtype=np.int64).reshape(-1, 2)
        return Failures(keys[:, 0], keys[:, 1], tuple(mode for *_, mode in kept) if self.modes else ())


@dataclass(frozen=True, slots=True)
class Holdout:
    """Labelled rows of one span, sorted by device and time; every array has one entry per row.

    `groups` has for each grouping the group of each row. `may_alert` marks rows to which the model may give a level in
    service: only these are alerted on, while failures and risks of all rows count.
    """

    keys: Readings
    labels: Labels
    x: Floats  # (rows, predictors); any feature may be NaN
    groups: dict[str, Words]
    may_alert: Bools

    @property
    def days(self) -> Ints:
        """The UTC day of each row, in days since 1970."""
        return self.keys.timestamps_s // SECONDS_PER_DAY

    def where(self, rows: Bools) -> "Holdout":
        """The marked rows."""
        groups = {name: words[rows] for name, words in self.groups.items()}
        return Holdout(self.keys.where(rows), self.labels[rows], self.x[rows], groups, self.may_alert[rows])

    def bare(self) -> "Holdout":
        """Without predictors and groups, so that parts of it are cheap: rankings and thresholds need neither."""
        return Holdout(self.keys, self.labels, self.x[:, :0], {}, self.may_alert)
