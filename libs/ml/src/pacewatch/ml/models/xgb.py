"""XGBoost as an estimator and as a scorer: histogram trees on one thread, and contributions of its own.

`pred_contribs` are exact (TreeSHAP; Lundberg et al., "From local explanations to global understanding with explainable
AI for trees", 2020): bias + contributions = raw score, up to single precision. The trees are stored as UBJSON, which
runs no code when it is opened, and are never pickled into an artifact.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import xgboost

from pacewatch.kit.columns.arrays import Floats, Labels, Single
from pacewatch.ml.models.parameters import Parameters

FORMAT: Final = "ubj"
_QUIET: Final = {"nthread": 1, "verbosity": 0}


class XGBoost:
    """Boosted trees; `booster` is None before `fit`."""

    def __init__(self, parameters: Parameters) -> None:
        self._rounds = parameters.boosting_iterations
        self._parameters = {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_depth": 5,
            "eta": parameters.learning_rate,
            "lambda": parameters.l2_regularization,
            "colsample_bynode": 0.3,
            "seed": parameters.random_state,
        }
        self.booster: Any = None

    def fit(self, x: Single, labels: Labels) -> "XGBoost":
        """Fit on (rows, predictors), NaN for a missing value, and 0/1 labels."""
        rows = xgboost.DMatrix(x, label=labels, nthread=1)
        self.booster = xgboost.train(self._parameters | _QUIET, rows, num_boost_round=self._rounds)
        return self

    def decision_function(self, x: Single) -> Floats:
        """Log-odds, shape (rows,)."""
        return XGBoostScorer(self.booster).raw(x)

    def save(self) -> bytes:
        """The trees as UBJSON; the same trees give the same bytes."""
        return bytes(self.booster.save_raw(FORMAT))

    @classmethod
    def opened(cls, trees: bytes) -> "XGBoost":
        """What `save` gave, ready to score; xgboost.core.XGBoostError if it is something else."""
        estimator = cls(Parameters(algorithm="xgboost"))
        estimator.booster = xgboost.Booster(_QUIET, model_file=bytearray(trees))
        return estimator

    def __getstate__(self) -> dict[str, Any]:
        """For the checkpoints of a trainer, which are its own files: UBJSON here as well."""
        return self.__dict__ | {"booster": self.booster and self.save()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        if state["booster"]:
            self.booster = xgboost.Booster(_QUIET, model_file=bytearray(state["booster"]))


class XGBoostScorer:
    """Sum of trees: log-odds, in single precision; a row's bits are its own, as the trees are added in one order."""

    def __init__(self, booster: Any) -> None:
        self._booster = booster
        booster.set_param(_QUIET)
        self._predictors = int(booster.num_features())
        self.bias = float(self._contributions(np.zeros((1, self._predictors), dtype=np.float32))[0, -1])

    def raw(self, x: Single) -> Floats:
        """As `scorers.Scorer`."""
        if not len(x):
            return np.empty(0)
        margin: Floats = self._booster.inplace_predict(x, predict_type="margin").astype(np.float64)
        return margin

    def contributions(self, x: Single) -> Floats:
        """As `scorers.Scorer`."""
        total = self._contributions(x)
        total[:, -1] = self.raw(x)
        return total

    def raw_and_contributions(self, x: Single) -> tuple[Floats, Callable[[], Floats]]:
        """As `scorers.Scorer`."""
        return self.raw(x), lambda: self._contributions(x)[:, :-1]

    def _contributions(self, x: Single) -> Floats:
        """Shape (rows, predictors + 1); the last column is the bias."""
        if not len(x):
            return np.empty((0, self._predictors + 1))
        found: Floats = self._booster.predict(xgboost.DMatrix(x, nthread=1), pred_contribs=True).astype(np.float64)
        return found
