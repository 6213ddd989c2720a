"""Which readings a model gives a level: not those before the least history, nor those of devices that still settle."""

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats, Ints
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.windows import is_covered


def may_have_level(profile: Profile, readings: Readings, positions: Ints, predictors: Floats) -> Bools:
    """Of the readings at these positions, whether least history and settling are over: the model may raise an alert.

    `readings` are sorted by device and time, `predictors` (positions, predictors) are those of the positions.
    """
    found = is_covered(readings, positions, profile.least_history_days)
    for attribute in profile.predicting_attributes:
        days = predictors[:, profile.predictors.index(attribute.predictor)]
        found &= ~(days < attribute.settling_days)  # a device whose date is unknown has settled
    return np.asarray(found)
