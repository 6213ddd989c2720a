"""Small holdouts whose figures can be counted by hand."""

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Holdout

DAY = SECONDS_PER_DAY


def holdout_of(device_ids, days) -> Holdout:
    ids, times = np.array(device_ids, dtype=np.int64), (np.array(days) * DAY).astype(np.int64)
    nothing = np.zeros(len(ids), dtype=np.int8)
    return Holdout(Readings(ids, times), nothing, np.zeros((len(ids), 1)), {}, np.ones(len(ids), dtype=bool))


def fleet_of(devices, days) -> Holdout:
    return holdout_of(np.repeat(np.arange(devices), days), np.tile(np.arange(days), devices))
