"""ROC-AUC and PR-AUC (average precision), and their values in every bootstrap draw at the cost of one sparse product.

Rows are sorted by risk and put into blocks: rows of one risk with a positive among them, or a run of negatives between
two such. Within a run of negatives neither area bends, so a draw needs only how many rows each block weighs.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Labels
from pacewatch.ml.evaluation.bootstrap import Interval, draws, interval_of

NAMES = ("roc_auc", "pr_auc")
DRAWS_AT_ONCE = 50  # bounds the memory


class Areas(NamedTuple):
    """(ROC-AUC, PR-AUC) of all rows, shape (2,), and of each draw, shape (draws, 2); NaN without both classes."""

    points: Floats
    drawn: Floats

    def intervals(self) -> dict[str, Interval]:
        """Both with their 95 % intervals."""
        return {name: interval_of(float(self.points[i]), self.drawn[:, i]) for i, name in enumerate(NAMES)}

    def minus(self, other: "Areas") -> "Areas":
        """The differences, draw by draw; both must be of the same rows."""
        return Areas(self.points - other.points, self.drawn - other.drawn)


def ranking(labels: Labels, risk: Floats) -> tuple[float, float]:
    """(ROC-AUC, PR-AUC); NaN without both classes."""
    positive, block = _blocks(labels, risk)
    hits, others = (np.bincount(block[rows], minlength=_length(block)) for rows in (positive, ~positive))
    roc_auc, pr_auc = _areas(hits[:, None].astype(np.float64), others[:, None].astype(np.float64))[0]
    return float(roc_auc), float(pr_auc)


def areas(labels: Labels, risk: Floats, device_ids: Ints) -> Areas:
    """Both areas, with draws of devices."""
    devices, device = np.unique(device_ids, return_inverse=True)
    order = np.argsort(-risk, kind="stable")
    positive, block = _blocks(labels, risk)
    device = device[order]
    shape = (_length(block), len(devices))
    counts = [
        csr_array((np.ones(int(rows.sum())), (block[rows], device[rows])), shape=shape)
        for rows in (positive, ~positive)
    ]
    weights = draws(len(devices)).T.astype(np.float64)
    parts = [weights[:, at : at + DRAWS_AT_ONCE] for at in range(0, weights.shape[1], DRAWS_AT_ONCE)]
    drawn = np.concatenate([_areas(*(one @ part for one in counts)) for part in parts])
    return Areas(np.array(ranking(labels, risk)), drawn)


def _blocks(labels: Labels, risk: Floats) -> tuple[Bools, Ints]:
    """Of the rows by falling risk: which are positive, and their block."""
    order = np.argsort(-risk, kind="stable")
    positive = labels[order] == 1
    tie = np.cumsum(np.diff(risk[order], prepend=np.inf) != 0) - 1
    with_positive = np.bincount(tie[positive], minlength=_length(tie)) > 0
    begins = with_positive.copy()
    begins[1:] |= with_positive[:-1]
    return positive, np.cumsum(begins)[tie]


def _length(numbers: Ints) -> int:
    return int(numbers[-1]) + 1 if len(numbers) else 0


def _areas(positives: Floats, negatives: Floats) -> Floats:
    """Of the weight of each block in each draw, (blocks, draws): (draws, 2), by trapezoids and by steps."""
    if not len(positives):
        return np.full((positives.shape[1], 2), np.nan)
    hits, false_alerts = np.cumsum(positives, axis=0), np.cumsum(negatives, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = hits / hits[-1]
        height = (recall + np.concatenate([np.zeros_like(recall[:1]), recall[:-1]])) / 2
        roc_auc = (height * negatives).sum(axis=0) / false_alerts[-1]
        pr_auc = (positives / hits[-1] * (hits / np.maximum(hits + false_alerts, 1))).sum(axis=0)
    undefined = (hits[-1] == 0) | (false_alerts[-1] == 0)
    return np.where(undefined, np.nan, [roc_auc, pr_auc]).T
