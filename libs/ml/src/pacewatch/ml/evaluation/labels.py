"""Labels from outcomes by the rule of the ledger: never a guess, and never from a prediction.

For data that comes as files; a running platform's labels come from its ingest service, which follows the same rule.
"""

import numpy as np

from pacewatch.contracts.profile import Label
from pacewatch.kit.columns.arrays import Bools, Ints, Labels
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Failures

POSITIVE, NEGATIVE, UNKNOWN = 1, 0, -1


def labels_of(label: Label, readings: Readings, failures: Failures, now_s: int) -> Labels:
    """1 where a failure follows within (t, t + horizon], 0 where none did and the device was heard from at or after
    t + horizon, -1 otherwise (too early, or the device fell silent). Shape (rows,), any row order.
    """
    devices, device = np.unique(readings.device_ids, return_inverse=True)
    last_heard_s = np.full(len(devices), np.iinfo(np.int64).min)
    np.maximum.at(last_heard_s, device, readings.timestamps_s)
    until_s = readings.timestamps_s + label.horizon_s
    survived = (last_heard_s[device] >= until_s) & (until_s <= now_s)
    result = np.where(survived, NEGATIVE, UNKNOWN).astype(np.int8)
    result[fails_within(readings.device_ids, readings.timestamps_s, failures, label.horizon_s)] = POSITIVE
    return result


def fails_within(device_ids: Ints, timestamps_s: Ints, failures: Failures, horizon_s: int) -> Bools:
    """Whether the device's next failure after each reading comes within the horizon. Shape (rows,), any row order."""
    order = np.lexsort((failures.occurred_at_s, failures.device_ids))
    ids, failed_s = failures.device_ids[order], failures.occurred_at_s[order]
    if len(ids) == 0:
        return np.zeros(len(device_ids), dtype=bool)
    known, rank = np.unique(np.concatenate([ids, device_ids]), return_inverse=True)
    del known
    stride = int(max(failed_s.max(), timestamps_s.max(initial=0))) + 1
    following = np.searchsorted(rank[: len(ids)] * stride + failed_s, rank[len(ids) :] * stride + timestamps_s, "right")
    at = np.minimum(following, len(ids) - 1)
    fails: Bools = (ids[at] == device_ids) & (failed_s[at] > timestamps_s)
    return fails & (failed_s[at] <= timestamps_s + horizon_s)
