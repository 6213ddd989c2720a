"""MLEngine: trains on rows, and gives a calibrated risk with its contributions; what an artifact contains."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Floats, Labels, Single
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.models import calibration, estimators
from pacewatch.ml.models.calibration import Scaling
from pacewatch.ml.models.factors import Factor, to_factors
from pacewatch.ml.models.facts import Baselines, Facts, Usual, facts_of
from pacewatch.ml.models.parameters import Parameters
from pacewatch.ml.models.scorers import Scorer, scorer_of
from pacewatch.ml.models.xgb import XGBoost


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows that can be trained on: `x` (rows, predictors), `labels` 0 or 1; `kept` marks them among the given rows."""

    x: Single
    labels: Labels
    kept: Bools
    dropped: dict[str, int]


class MLEngine:
    """One model of one profile.

    Hyperparameters are those of `Parameters`; ValueError names an unknown one. Trees see float32, as scikit-learn's
    do. `threshold` is the operating threshold, the risk from which a reading is high; it is 1 until it is chosen.
    `elevated_threshold` is the risk from which it is elevated, and `usual` what most of the fleet sends; both are None
    in artifacts of releases that did not keep them.
    """

    elevated_threshold: float | None = None
    usual: Usual | None = None

    def __init__(self, profile: Profile, **hyperparameters: Any) -> None:
        self.profile = profile
        self.parameters = Parameters.of(hyperparameters)
        self.threshold = 1.0
        self.oob_score: float | None = None
        self.trained_rows = {"positive": 0, "negative": 0}
        self._estimator: Any = None
        self._scorer: Scorer | None = None
        self._calibration = calibration.uncalibrated(self._votes, 1.0)

    def prepare(self, columns: Mapping[str, ArrayLike]) -> Prepared:
        """The predictors and labels of a table, given as columns by name.

        Identifiers, time and all other columns are ignored. Rows with an unresolved label (-1) and rows without a
        required predictor are dropped and counted; a longer window may be missing. KeyError names a missing column.
        """
        names = self.profile.predictors
        labels = np.asarray(columns[self.profile.label.name], dtype=np.int8)
        resolved = labels >= 0
        complete = np.ones(len(labels), dtype=bool)
        for name in self.profile.required_predictors:
            complete &= ~np.isnan(np.asarray(columns[name], dtype=np.float64))
        kept = resolved & complete
        x = np.empty((int(kept.sum()), len(names)), dtype=np.float32)
        for position, name in enumerate(names):
            x[:, position] = np.asarray(columns[name])[kept]
        dropped = {"unresolved": int((~resolved).sum()), "missing_window": int((resolved & ~complete).sum())}
        return Prepared(x, labels[kept], kept, dropped)

    def fit(self, x: ArrayLike, labels: Labels) -> "MLEngine":
        """Fit on (rows, predictors) and 0/1 labels, with sampled negatives; TrainingImpossibleError without both."""
        rows = self._sample(labels)
        positives = int((labels[rows] == 1).sum())
        single = np.asarray(x, dtype=np.float32)
        self._estimator = estimators.build(self.parameters)
        # Boosting's OpenMP threads spin while they wait: on two busy cores two threads took 20 times as long as one.
        with threadpool_limits(1):
            self._estimator.fit(_fill_empty_columns(single[rows]), labels[rows])
        self.usual = Usual.of(single)
        self.oob_score = float(self._estimator.oob_score_) if hasattr(self._estimator, "oob_score_") else None
        self._scorer = scorer_of(self._estimator, self.parameters.algorithm, len(self.profile.predictors))
        self.trained_rows = {"positive": positives, "negative": len(rows) - positives}
        kept_share = (len(rows) - positives) / int((labels == 0).sum())
        self._calibration = calibration.uncalibrated(self._votes, kept_share)
        return self

    def carry_over(self, scaling: Scaling) -> None:
        """Calibrate with slope and offset that were fitted on out-of-time `log_odds` of other fits."""
        self._calibration = self._calibration.scaled(scaling)

    def log_odds(self, x: ArrayLike) -> Floats:
        """Prior-corrected log-odds of each row, shape (rows,): comparable between fits, and not calibrated."""
        return self._calibration.log_odds(self._raw(x))

    def predict_proba(self, x: ArrayLike) -> Floats:
        """The risk of each row of (rows, predictors): shape (rows,), in [0, 1]; any feature may be NaN."""
        return self._calibration.risk(self._raw(x))

    def score(self, x: Floats) -> tuple[Floats, list[list[Factor]]]:
        """Risk, shape (rows,), and what stands out in each row as factors."""
        risk, facts = self.risk_and_facts(x)
        return risk, to_factors(self.profile, facts(None))

    def risk_and_facts(self, x: Floats) -> tuple[Floats, Callable[[Baselines | None], Facts]]:
        """Risk, shape (rows,), and a function that computes what it is made of beside baselines.

        A caller can decide by the risk first, and put only those facts into words that somebody reads.
        """
        raw, contributions = self._fitted.raw_and_contributions(np.ascontiguousarray(x, dtype=np.float32))
        return self._calibration.risk(raw), lambda before: facts_of(
            self.profile, x, contributions(), self.usual, before
        )

    def contributions(self, x: ArrayLike) -> Floats:
        """Shape (rows, predictors + 1): the contribution of each predictor, then the raw score.

        bias + contributions = raw score, which is a share of votes (forest) or log-odds. RuntimeError before `fit`.
        """
        return self._fitted.contributions(np.ascontiguousarray(x, dtype=np.float32))

    @property
    def bias(self) -> float:
        """The raw score without any contribution."""
        return self._fitted.bias

    def _raw(self, x: ArrayLike) -> Floats:
        return self._fitted.raw(np.ascontiguousarray(x, dtype=np.float32))

    @property
    def _fitted(self) -> Scorer:
        if self._scorer is None:
            raise RuntimeError("the engine is not fitted yet: call fit first")
        return self._scorer

    @property
    def _votes(self) -> bool:
        return self.parameters.algorithm == "random_forest"

    def _sample(self, labels: Labels) -> NDArray[np.intp]:
        """Positions of every positive and of at most `negatives` per positive, in the given order."""
        positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
        if not len(positives) or not len(negatives):
            raise TrainingImpossibleError(
                "one_class",
                f"training needs rows before failures and other rows: got {len(positives)} and {len(negatives)}",
            )
        most = self.parameters.negatives * len(positives)
        if len(negatives) > most:
            rng = np.random.default_rng(self.parameters.random_state)
            negatives = rng.choice(negatives, most, replace=False)
        return np.sort(np.concatenate([positives, negatives]))

    def apart(self) -> tuple["MLEngine", bytes | None]:
        """This engine to be pickled, and its trees in their own format, which `adopt` takes back; None: they are in it.

        What XGBoost fitted is stored as UBJSON.
        """
        if not isinstance(self._estimator, XGBoost):
            return self, None
        without = copy(self)
        without._estimator = None
        return without, self._estimator.save()

    def adopt(self, trees: bytes) -> None:
        """Take the trees that `apart` gave."""
        self._estimator = XGBoost.opened(trees)

    def __getstate__(self) -> dict[str, Any]:
        """Without the profile: an artifact is opened with the profile of the deployment, whose hash was verified."""
        return {key: value for key, value in self.__dict__.items() if key not in ("profile", "_scorer")}

    def bind(self, profile: Profile) -> "MLEngine":
        """Give an opened engine its profile, and build its scorer."""
        self.profile = profile
        self._scorer = scorer_of(self._estimator, self.parameters.algorithm, len(profile.predictors))
        return self


def _fill_empty_columns(x: Single) -> Single:
    """Set columns without any value to 0, in place: boosting refuses a column that is all NaN, and 0 says as little.

    A window longer than the training span gives such a column.
    """
    x[:, np.isnan(x).all(axis=0)] = 0.0
    return x
