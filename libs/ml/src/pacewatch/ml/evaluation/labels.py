"""Labels from outcomes, for data in files. They never depend on a prediction.

In a running platform the ingest service sets labels, by the same rule.
"""

import numpy as np

from pacewatch.contracts.profile import Label
from pacewatch.kit.columns.arrays import Bools, Labels
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures

POSITIVE, NEGATIVE, UNKNOWN = 1, 0, -1


def labels_of(label: Label, readings: Readings, failures: Failures, now_s: int) -> Labels:
    """Shape (rows,), in any row order: 1 if a failure follows in (t, t + horizon]; 0 if none does and the device sent a
    reading at or after t + horizon; -1 otherwise (too early, or the device fell silent).
    """
    devices, device = np.unique(readings.device_ids, return_inverse=True)
    last_seen_s = np.full(len(devices), np.iinfo(np.int64).min)
    np.maximum.at(last_seen_s, device, readings.timestamps_s)
    until_s = readings.timestamps_s + label.horizon_s
    survived = (last_seen_s[device] >= until_s) & (until_s <= now_s)
    result = np.where(survived, NEGATIVE, UNKNOWN).astype(np.int8)
    result[fails_within(readings.keys, failures, label.horizon_s)] = POSITIVE
    return result


def fails_within(keys: Readings, failures: Failures, horizon_s: int) -> Bools:
    """Whether the next failure of the device comes within the horizon of each reading. Shape (rows,), any row order."""
    if not len(keys) or not len(failures.device_ids):
        return np.zeros(len(keys), dtype=bool)
    failed = failures.keys.ordered()
    following = failed.where(np.minimum(failed.positions(keys, side="right"), len(failed) - 1))
    fails: Bools = (following.device_ids == keys.device_ids) & (following.timestamps_s > keys.timestamps_s)
    return fails & (following.timestamps_s <= keys.timestamps_s + horizon_s)
