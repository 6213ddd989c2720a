"""What a device's own signals were before: the value that a fact is shown beside."""

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.kit.columns.arrays import Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.windows import spaced_timestamps, window_of

MOST_DAYS = 30
LEAST_DAYS = 2
READINGS = 5
"""A baseline is the median of so many readings: a single one may be an outlier."""


def baselines_of(profile: Profile, readings: Readings, wanted: Ints) -> tuple[Floats, Floats]:
    """The baselines of the wanted positions, shape (wanted, signals), and the days since the oldest of their readings.

    The median of the oldest READINGS within the last 30 days, or within the longest window if that is shorter, and of
    no more than the older half. NaN if they are less than LEAST_DAYS older. `readings` are sorted by device and time.
    """
    days = min(MOST_DAYS, profile.longest_window_days)
    spaced_s = spaced_timestamps(readings.device_ids, readings.timestamps_s, days)
    oldest = wanted - window_of(spaced_s, wanted, days).count + 1
    used = np.minimum((wanted - oldest) // 2 + 1, READINGS)
    at = oldest[:, None] + np.arange(READINGS) * used[:, None] // READINGS  # fewer are repeated evenly
    signals = np.stack([readings.signals[name].take(at) for name in profile.signal_names], axis=2)
    age_days = (readings.timestamps_s.take(wanted) - readings.timestamps_s.take(oldest)) / SECONDS_PER_DAY
    values = np.median(signals, axis=1)
    values[age_days < LEAST_DAYS] = np.nan
    return values, age_days
