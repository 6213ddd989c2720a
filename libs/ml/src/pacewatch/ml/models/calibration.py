"""From a raw score to a calibrated probability: prior correction, then Platt scaling.

Sampling negatives at rate r multiplies the odds by 1 / r; adding log r to the log-odds undoes that (King and Zeng,
"Logistic regression in rare events data", 2001). That makes log-odds of different fits comparable, so slope and offset
(Platt 1999) are fitted on predictions that several fits made of rows they had not seen, and carried over to the final
fit. Both steps are increasing functions, so the ranking of one fit stays the same.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from pacewatch.kit.columns.arrays import Floats, Labels

FEWEST_POSITIVES = 20
"""With fewer positive rows slope and offset are not fitted, and only the prior is corrected."""

CLOSEST_TO_CERTAIN = 1e-5  # a forest's share of votes can be 0 or 1, whose log-odds are infinite


@dataclass(frozen=True, slots=True)
class Scaling:
    """risk = expit(slope * log-odds + offset), of prior-corrected log-odds."""

    slope: float = 1.0
    offset: float = 0.0

    def risk(self, log_odds: Floats) -> Floats:
        """Probabilities in [0, 1], shape (rows,)."""
        risk: Floats = expit(self.slope * log_odds + self.offset)
        return risk


@dataclass(frozen=True, slots=True)
class Calibration:
    """From a raw score of one fit to a risk; slope and offset may come from other fits of the same algorithm."""

    is_share: bool  # the raw score is a share of votes in [0, 1], not yet log-odds
    prior_shift: float
    slope: float = 1.0
    offset: float = 0.0

    def log_odds(self, raw: Floats) -> Floats:
        """Prior-corrected log-odds of raw scores, shape (rows,)."""
        if self.is_share:
            raw = logit(np.clip(raw, CLOSEST_TO_CERTAIN, 1 - CLOSEST_TO_CERTAIN))
        return raw + self.prior_shift

    def risk(self, raw: Floats) -> Floats:
        """Probabilities in [0, 1], shape (rows,)."""
        return Scaling(self.slope, self.offset).risk(self.log_odds(raw))

    def scaled(self, scaling: Scaling) -> "Calibration":
        """With another slope and offset."""
        return replace(self, slope=scaling.slope, offset=scaling.offset)


def uncalibrated(is_share: bool, negatives_kept: float) -> Calibration:
    """Prior correction only; `negatives_kept` is the share of negatives that was trained on, in (0, 1]."""
    return Calibration(is_share, math.log(negatives_kept))


def fitted(log_odds: Floats, labels: Labels) -> Scaling:
    """Slope and offset for prior-corrected log-odds of rows that were not trained on; (1, 0) with too few positives."""
    positives = int((labels == 1).sum())
    if positives < FEWEST_POSITIVES or positives == len(labels):
        return Scaling()
    model = LogisticRegression(C=1e6, max_iter=1_000).fit(log_odds[:, None], labels)
    slope = float(model.coef_[0, 0])
    if slope <= 0:  # these rows contradict the estimator: do not reverse its ranking
        return Scaling()
    return Scaling(slope, float(model.intercept_[0]))
