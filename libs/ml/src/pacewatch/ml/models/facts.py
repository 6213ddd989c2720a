"""What a score is made of, signal by signal: the sum of its contributions, and the fact that tells most about it.

A predictor alone says little to a person: a signal has ten of them, and "averages 2.8 V" is no reason if 2.8 V is what
a healthy device has. So contributions are summed by signal, and a signal is shown by one predictor that stands out: its
value is outside the signal's normal range, or outside the middle 90 % of the fleet that the model was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from pacewatch.contracts.profile import Profile, RollingMax, RollingMean, RollingMin
from pacewatch.contracts.profiles.features import OutsideNormal, WorstDistance
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Rows, Single

OTHER = "other"
"""The group of predictors that belong to no single signal; the last one."""

NOTHING = -1
"""In place of a predictor: none of the signal stands out."""

MIDDLE = (0.05, 0.95)
MOST_ROWS = 20_000  # enough for the ends of the middle 90 %; the rest would only take time

NOT_OUTSIDE = 0.0
"""The highest count of readings, or distance, outside a normal range that is none."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle 90 % of the fleet's values of each predictor; NaN for one that never had a value.

    Plain numbers and not arrays, so that an artifact can be read without NumPy's own bytes in it.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]

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

    def beside(self, baselines: Floats, days: Floats) -> "Facts":
        """With the baselines of the signals, shape (rows, signals), measured `days` before."""
        without = np.full((len(days), 1), np.nan)  # of OTHER
        return replace(self, baselines=np.concatenate([baselines, without], axis=1), days=days)


def group_names(profile: Profile) -> tuple[str, ...]:
    """The signals, then OTHER."""
    return (*profile.signal_names, OTHER)


def facts_of(profile: Profile, x: Floats, contributions: Floats, usual: Usual | None) -> Facts:
    """The facts of rows `x` with their `contributions`, both (rows, predictors); baselines are to be added.

    Each row is computed by itself, so no other row of the batch changes a bit. Without `usual`, in models of releases
    that did not keep it, only the normal range decides what stands out.
    """
    members = _members(profile)
    sums = np.zeros((len(x), len(members)))
    for group, columns in enumerate(members):
        for column in columns:  # in one order for every batch
            sums[:, group] += contributions[:, column]
    rows = np.arange(len(x))
    for column, feature in enumerate(profile.features, len(profile.signals)):
        if isinstance(feature, WorstDistance):
            sums[rows, _worst_signal(profile, feature, x)] += contributions[:, column]
    weights = np.abs(contributions)
    weights[~_stands_out(profile, x, usual)] = 0
    predictors, values = np.full(sums.shape, NOTHING), np.full(sums.shape, np.nan)
    for group, columns in enumerate(members):
        if len(columns):
            same_effect = (contributions[:, columns] > 0) == (sums[:, group] > 0)[:, None]
            weighed = np.where(same_effect, weights[:, columns], 0)
            if group < len(profile.signals):
                _prefer_reading(profile, group, x[:, group], sums[:, group], weighed[:, 0])
            chosen = np.asarray(columns)[weighed.argmax(axis=1)]
            found = weighed.max(axis=1) > 0
            predictors[:, group] = np.where(found, chosen, NOTHING)
            values[:, group] = np.where(found, x[rows, chosen], np.nan)
    return Facts(sums, predictors, values, np.full(sums.shape, np.nan), np.full(len(x), np.nan))


def _prefer_reading(profile: Profile, group: int, readings: Floats, sums: Floats, weighed: Floats) -> None:
    """A signal at a hard limit is shown by its reading; so is one outside its normal range that raises the risk.

    That says more than the mean or the count of a window. `weighed` is what the readings weigh, and is changed.
    """
    signal = profile.signals[group]
    outside = (readings < signal.normal.low) | (readings > signal.normal.high)
    weighed[outside & (sums > 0)] = np.inf
    for limit in profile.limits:
        if limit.signal == signal.name:
            weighed[limit.is_reached(readings)] = np.inf


def _worst_signal(profile: Profile, feature: WorstDistance, x: Floats) -> Ints:
    """The signal of each row whose distance it is, by position: a contribution of the distance is about that signal."""
    distances = np.full((len(x), len(profile.signals)), -np.inf)
    for name, normal in feature.normal:
        place = profile.signal_names.index(name)
        outside = np.maximum(normal.low - x[:, place], x[:, place] - normal.high)
        distances[:, place] = outside / (normal.high - normal.low)
    worst: Ints = distances.argmax(axis=1)
    return worst


def _stands_out(profile: Profile, x: Floats, usual: Usual | None) -> Bools:
    """Which values are outside the normal range or the middle of the fleet; a missing value is not."""
    low, high = _normal_ranges(profile)
    found: Bools = (x < low) | (x > high)
    if usual is not None:
        found |= (x < np.array(usual.low)) | (x > np.array(usual.high))
        found &= ~(np.isneginf(low) & (x <= high))  # fewer than usual, or further inside, is no reason
    return found


@cache
def _members(profile: Profile) -> Sequence[Sequence[int]]:
    """The predictors of each group, by position; the distance of the worst signal is in another group in each row."""
    of_features = ("" if isinstance(one, WorstDistance) else one.signal or OTHER for one in profile.features)
    signals = [*profile.signal_names, *of_features, *(OTHER for _ in profile.predicting_attributes)]
    return [[place for place, signal in enumerate(signals) if signal == name] for name in group_names(profile)]


@cache
def _normal_ranges(profile: Profile) -> tuple[Floats, Floats]:
    """The ends of the normal range by predictor, NaN for one that has none.

    What measures how far or how often a signal is outside its range is outside from more than NOT_OUTSIDE.
    """
    ends = [(signal.normal.low, signal.normal.high) for signal in profile.signals]
    for feature in profile.features:
        if isinstance(feature, RollingMean | RollingMin | RollingMax):
            normal = profile.signal(feature.signal).normal
            ends.append((normal.low, normal.high))
        else:
            outside = isinstance(feature, OutsideNormal | WorstDistance)
            ends.append((-np.inf, NOT_OUTSIDE) if outside else (np.nan, np.nan))
    ends += [(np.nan, np.nan) for _ in profile.predicting_attributes]
    low, high = np.array(ends).T
    return low, high
