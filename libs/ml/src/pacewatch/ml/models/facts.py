"""What a score is made of, signal by signal: the sum of its contributions, and the fact that tells most about it.

A predictor alone says little to a person: a signal has ten of them, and "averages 2.8 V" is no reason if 2.8 V is what
a healthy device has. So contributions are summed by signal, and a signal is shown by one predictor that stands out: its
value is outside the signal's normal range, or outside the middle 90 % of the fleet that the model was trained on and
not what the device always had.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles.features import WorstDistance
from pacewatch.kit.columns.arrays import Floats, Ints, Rows, Single
from pacewatch.ml.models.standing_out import is_clearly_changed, is_outside_normal, stands_out

OTHER = "other"
"""The group of predictors that belong to no single signal; the last one."""

NOTHING = -1
"""In place of a predictor: none of the signal stands out."""

Baselines = tuple[Floats, Floats]
"""Of many scores, what the signals were, shape (rows, signals), and how many days before, shape (rows,)."""

MIDDLE = (0.05, 0.95)
MOST_ROWS = 20_000  # enough for the ends of the middle 90 %; the rest would only take time


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle 90 % of the fleet's values of each predictor; NaN for one that never had a value.

    Plain numbers and not arrays, so that an artifact can be read without NumPy's own bytes in it.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """Low and high as arrays."""
        return np.array(self.low), np.array(self.high)

    @classmethod
    def of(cls, x: Single) -> "Usual":
        """Of rows of predictors, every so many of them; missing values are left out."""
        columns = np.sort(x[:: len(x) // MOST_ROWS + 1], axis=0)  # puts NaN last
        last = np.maximum((~np.isnan(columns)).sum(axis=0) - 1, 0)
        every = np.arange(x.shape[1])
        low, high = (columns[np.round(share * last).astype(np.int64), every].tolist() for share in MIDDLE)
        return cls(tuple(low), tuple(high))


@dataclass(frozen=True, slots=True)
class Facts:
    """Of many scores, per group of predictors: shape (rows, groups), in the order of `group_names`.

    `predictors` are positions in `Profile.predictors` or NOTHING. `values` and `baselines`, in the signal's unit, are
    NaN where there is none. A baseline was measured about `days` before the reading, shape (rows,).
    """

    sums: Floats
    predictors: Ints
    values: Floats
    baselines: Floats
    days: Floats

    def where(self, rows: Rows) -> "Facts":
        """Those of the chosen rows."""
        sums, predictors = self.sums[rows], self.predictors[rows]
        return Facts(sums, predictors, self.values[rows], self.baselines[rows], self.days[rows])


def group_names(profile: Profile) -> tuple[str, ...]:
    """The signals, then OTHER."""
    return (*profile.signal_names, OTHER)


def facts_of(
    profile: Profile, x: Floats, contributions: Floats, usual: Usual | None, before: Baselines | None = None
) -> Facts:
    """The facts of rows `x` with their `contributions`, both (rows, predictors), beside their baselines.

    Each row is computed by itself, so no other row of the batch changes a bit. Without `usual`, in models of releases
    that did not keep it, only the normal range decides what stands out.
    """
    baselines, days = before or (np.full((len(x), len(profile.signals)), np.nan), np.full(len(x), np.nan))
    sums, rows = _sums(profile, x, contributions), np.arange(len(x))
    weights = np.abs(contributions)
    weights[~stands_out(profile, x, usual.ends if usual else None, baselines)] = 0
    predictors, values = np.full(sums.shape, NOTHING), np.full(sums.shape, np.nan)
    for group, columns in enumerate(_members(profile)):
        if len(columns):
            same_effect = (contributions[:, columns] > 0) == (sums[:, group] > 0)[:, None]
            weighed = np.where(same_effect, weights[:, columns], 0)
            if group < len(profile.signals):
                _prefer_reading(profile, group, x[:, group], baselines[:, group], weighed)
            chosen = np.asarray(columns)[weighed.argmax(axis=1)]
            found = weighed.max(axis=1) > 0
            predictors[:, group] = np.where(found, chosen, NOTHING)
            values[:, group] = np.where(found, x[rows, chosen], np.nan)
    without = np.full((len(x), 1), np.nan)  # of OTHER
    return Facts(sums, predictors, values, np.concatenate([baselines, without], axis=1), days)


def _sums(profile: Profile, x: Floats, contributions: Floats) -> Floats:
    """The contributions of each group, shape (rows, groups)."""
    members = _members(profile)
    sums = np.zeros((len(x), len(members)))
    for group, columns in enumerate(members):
        for column in columns:  # in one order for every batch
            sums[:, group] += contributions[:, column]
    for column, feature in enumerate(profile.features, len(profile.signals)):
        if isinstance(feature, WorstDistance):
            sums[np.arange(len(x)), _worst_signal(profile, feature, x)] += contributions[:, column]
    return sums


def _prefer_reading(profile: Profile, group: int, readings: Floats, baselines: Floats, weighed: Floats) -> None:
    """A reading at a hard limit or outside its normal range shows its signal; so does one clearly off its baseline.

    The last only where something of the signal stands out. A reading beside baseline and normal range says more than
    the mean, the change or the count of a window. `weighed` (rows, predictors of the signal) is changed.
    """
    signal = profile.signals[group]
    changed = is_clearly_changed(profile, signal, readings, baselines) & (weighed.max(axis=1) > 0)
    weighed[is_outside_normal(signal, readings) | changed, 0] = np.inf
    for limit in profile.limits:
        if limit.signal == signal.name:
            weighed[limit.is_reached(readings), 0] = np.inf


def _worst_signal(profile: Profile, feature: WorstDistance, x: Floats) -> Ints:
    """The signal of each row whose distance it is, by position: a contribution of the distance is about that signal."""
    distances = np.full((len(x), len(profile.signals)), -np.inf)
    for name, normal in feature.normal:
        place = profile.signal_names.index(name)
        outside = np.maximum(normal.low - x[:, place], x[:, place] - normal.high)
        distances[:, place] = outside / (normal.high - normal.low)
    worst: Ints = distances.argmax(axis=1)
    return worst


@cache
def _members(profile: Profile) -> Sequence[Sequence[int]]:
    """The predictors of each group, by position; the distance of the worst signal is in another group in each row."""
    of_features = ("" if isinstance(one, WorstDistance) else one.signal or OTHER for one in profile.features)
    signals = [*profile.signal_names, *of_features, *(OTHER for _ in profile.predicting_attributes)]
    return [[place for place, signal in enumerate(signals) if signal == name] for name in group_names(profile)]
