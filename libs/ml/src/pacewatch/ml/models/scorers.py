"""Raw scores and the contribution of each predictor to them, with the same bits in any batch.

For trees the contribution of a split is the change of the node's mean on the path to the leaf (Saabas, "Interpreting
random forests", 2014), so bias + contributions = raw score. Contributions depend on the leaf only, so a table has them
for each leaf. Scoring a forest is then scikit-learn's compiled walk to the leaf and one addition per tree, always in
the same order. That is faster than `predict_proba`, whose threads add in the order in which they finish. Boosting's
small trees need no walk: see boosted.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from pacewatch.kit.columns.arrays import Floats, Single
from pacewatch.ml.models.boosted import BoostedScorer, split_off_raw
from pacewatch.ml.models.xgb import XGBoostScorer

ROWS_AT_ONCE = 4_096  # bounds the memory of a bulk scoring; each row's bits are its own


class Scorer(Protocol):
    """Splits a raw score into `bias` and one contribution per predictor."""

    bias: float

    def raw(self, x: Single) -> Floats:
        """Raw scores, shape (rows,), with the same bits as in `contributions`."""
        ...

    def contributions(self, x: Single) -> Floats:
        """Shape (rows, predictors + 1): what each predictor adds to `bias`, then the raw score."""
        ...

    def raw_and_contributions(self, x: Single) -> tuple[Floats, Callable[[], Floats]]:
        """Raw scores, and a function that computes the contributions, shape (rows, predictors), when needed."""
        ...


@dataclass(frozen=True, slots=True)
class LeafTable:
    """One tree and, for each of its nodes, the contributions on the path to it, then the node's own value."""

    tree: Any
    table: Floats  # (nodes, predictors + 1)

    @property
    def root_value(self) -> float:
        return float(self.table[0, -1])


class ForestScorer:
    """Sum of trees: the mean of their leaves' shares."""

    def __init__(self, trees: Sequence[LeafTable], predictors: int) -> None:
        self._trees, self._predictors = trees, predictors
        self.bias = sum(tree.root_value for tree in trees)

    def raw(self, x: Single) -> Floats:
        total = np.zeros(len(x))
        for tree in self._trees:
            total += tree.table[:, -1].take(tree.tree.apply(x))
        return total

    def raw_and_contributions(self, x: Single) -> tuple[Floats, Callable[[], Floats]]:
        return split_off_raw(self.contributions(x))

    def contributions(self, x: Single) -> Floats:
        total = np.zeros((len(x), self._predictors + 1))
        for start in range(0, len(x), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            for tree in self._trees:
                total[part] += tree.table.take(tree.tree.apply(x[part]), axis=0)
        return total


class LinearScorer:
    """Logistic regression on standardised predictors; a missing value counts as the training median."""

    def __init__(self, pipeline: Any) -> None:
        imputer, scaler, model = (step for _, step in pipeline.steps)
        self._median, self._mean = imputer.statistics_, scaler.mean_
        self._weight = model.coef_[0] / scaler.scale_
        self.bias = float(model.intercept_[0])

    def raw(self, x: Single) -> Floats:
        return self.contributions(x)[:, -1]

    def raw_and_contributions(self, x: Single) -> tuple[Floats, Callable[[], Floats]]:
        return split_off_raw(self.contributions(x))

    def contributions(self, x: Single) -> Floats:
        filled = np.where(np.isnan(x), self._median, x.astype(np.float64))
        total = np.empty((len(x), x.shape[1] + 1))
        total[:, :-1] = (filled - self._mean) * self._weight
        total[:, -1] = self.bias
        for column in range(x.shape[1]):  # in one order for every batch; a matrix product has none
            total[:, -1] += total[:, column]
        return total


def scorer_of(estimator: Any, algorithm: str, predictors: int) -> Scorer:
    """The scorer of a fitted estimator from estimators.py."""
    if algorithm == "logistic_regression":
        return LinearScorer(estimator)
    if algorithm == "random_forest":
        trees = [tree.tree_ for tree in estimator.estimators_]
        tables = [_leaf_table(tree, tree.value[:, 0, -1] / len(trees), predictors) for tree in trees]
        return ForestScorer(tables, predictors)
    if algorithm == "xgboost":
        return XGBoostScorer(estimator.booster)
    stages = [stage[0].nodes for stage in estimator._predictors]
    return BoostedScorer(stages, float(estimator._baseline_prediction.ravel()[0]), predictors)


def _leaf_table(tree: Any, values: Floats, predictors: int) -> LeafTable:
    """Contributions on the path to every node, one level after the other from the root."""
    table = np.zeros((tree.node_count, predictors + 1))
    parents = np.array([0])
    while len(parents := parents[tree.children_left[parents] >= 0]):
        for children in (tree.children_left[parents], tree.children_right[parents]):
            table[children] = table[parents]
            table[children, tree.feature[parents]] += values[children] - values[parents]
        parents = np.concatenate([tree.children_left[parents], tree.children_right[parents]])
    table[:, -1] = values
    return LeafTable(tree, table)
