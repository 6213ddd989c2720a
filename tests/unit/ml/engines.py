"""Random rows with labels, and an engine of each algorithm fitted on them."""

from functools import cache

import numpy as np
from unit.ml.fleet import QUICK

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.models.ml_engine import MLEngine

PREDICTORS = PACEMAKER.predictors


@cache
def rows(count: int = 1_500):
    """(x, labels): risk grows with two predictors; 2 % of the engineered values are missing."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, len(PREDICTORS)))
    labels = (x[:, 0] + x[:, 5] + rng.normal(0, 0.5, count) > 2).astype(np.int8)
    x[:, 4:][rng.random((count, len(PREDICTORS) - 4)) < 0.02] = np.nan
    return x, labels


@cache
def fitted(algorithm: str) -> MLEngine:
    return MLEngine(PACEMAKER, **QUICK, algorithm=algorithm).fit(*rows())
