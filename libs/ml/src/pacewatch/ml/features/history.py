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
    return np.asarray(is_covered(readings, positions, profile.least_history_days) & ~is_settling(profile, predictors))


def is_settling(profile: Profile, predictors: Floats) -> Bools:
    """Of rows of predictors, whether the device still settles; one whose date is unknown does not."""
    found = np.zeros(len(predictors), dtype=bool)
    for attribute in profile.predicting_attributes:
        found |= predictors[:, profile.predictors.index(attribute.predictor)] < attribute.settling_days
    return found
