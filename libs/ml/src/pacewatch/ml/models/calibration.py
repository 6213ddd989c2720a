"""From a raw score to a calibrated probability: prior correction, then Platt scaling.

Sampling negatives at rate r multiplies the odds by 1 / r; adding log r to the log-odds undoes that (King and Zeng,
"Logistic regression in rare events data", 2001). Slope and offset of the log-odds are fitted on the validation span
(Platt 1999). Both steps are increasing functions, so the ranking stays the same.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from pacewatch.kit.columns.arrays import Floats, Labels

FEWEST_POSITIVES = 20
"""With fewer positive rows slope and offset are not fitted, and only the prior is corrected."""

CLOSEST_TO_CERTAIN = 1e-5  # a forest's share of votes can be 0 or 1, whose log-odds are infinite


@dataclass(frozen=True, slots=True)
class Calibration:
    """risk = expit(slope * (log-odds + prior_shift) + offset)."""

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
        risk: Floats = expit(self.slope * self.log_odds(raw) + self.offset)
        return risk


def uncalibrated(is_share: bool, negatives_kept: float) -> Calibration:
    """Prior correction only; `negatives_kept` is the share of negatives that was trained on, in (0, 1]."""
    return Calibration(is_share, math.log(negatives_kept))


def fitted(base: Calibration, raw: Floats, labels: Labels) -> Calibration:
    """`base` with slope and offset fitted on rows the estimator was not trained on; `base` itself with too few."""
    positives = int((labels == 1).sum())
    if positives < FEWEST_POSITIVES or positives == len(labels):
        return base
    model = LogisticRegression(C=1e6, max_iter=1_000).fit(base.log_odds(raw)[:, None], labels)
    slope = float(model.coef_[0, 0])
    if slope <= 0:  # validation contradicts the estimator: do not reverse its ranking
        return base
    return Calibration(base.is_share, base.prior_shift, slope, float(model.intercept_[0]))
