"""Raw scores and contributions of boosted trees for many rows at once, without walking through a tree.

A stage has at most 8 leaves, so one byte holds which of them a row can still reach. Which leaves one predictor rules
out depends only on the position of its value among the thresholds on that predictor: a table has the bytes of all
stages for each position, and the bitwise AND over all predictors leaves one leaf per stage (Lucchese et al.,
"QuickScorer", 2015). The values of the leaves are then added stage by stage, each row on its own, so no other row of
the batch can change a bit.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pacewatch.kit.columns.arrays import Floats, Single

Bytes = NDArray[np.uint8]
Nodes = NDArray[np.void]

LEAVES = 8
ROWS_AT_ONCE = 4_096  # bounds the memory of a bulk scoring
WORD_BYTES = 8  # a table entry is a 64-bit word: the bytes of 8 stages

_INDEX_OF_BIT = np.zeros(256, dtype=np.int32)
_INDEX_OF_BIT[1 << np.arange(LEAVES)] = np.arange(LEAVES)


class Split(NamedTuple):
    """A node of a stage; `left`, `right`, `missing` are the leaves that stay reachable on that side, one bit each."""

    stage: int
    threshold: float
    left: int
    right: int
    missing: int


class BoostedScorer:
    """Sum of stages: log-odds. Raw scores are summed in double precision, contributions in single."""

    def __init__(self, stages: Sequence[Nodes], baseline: float, predictors: int) -> None:
        width = -len(stages) % WORD_BYTES + len(stages)
        self._first = LEAVES * np.arange(len(stages), dtype=np.int32)
        self._raw = np.append(np.zeros(LEAVES * len(stages)), baseline)
        self._table = np.zeros((len(self._raw), predictors), dtype=np.float32)
        self._all, self.bias = np.zeros(width, dtype=np.uint8), baseline
        splits: list[list[Split]] = [[] for _ in range(predictors)]
        for stage, nodes in enumerate(stages):
            leaves, values, reach = np.flatnonzero(nodes["is_leaf"]), _values(nodes), _reach(nodes)
            index = self._first[stage] + np.arange(len(leaves))
            self._raw[index], self._table[index] = values[leaves], _paths(nodes, values, predictors)[leaves]
            self._all[stage] = reach[0]
            self.bias += float(values[0])
            for node in _inner(nodes):
                splits[nodes["feature_idx"][node]].append(_split(stage, nodes[node], reach))
        self._lookups = [_lookup_tables(of_predictor, width) for of_predictor in splits]

    def raw(self, x: Single) -> Floats:
        """As `scorers.Scorer`."""
        return np.concatenate([np.empty(0), *(self._leaves(x[part]) @ self._raw for part in _parts(len(x)))])

    def contributions(self, x: Single) -> Floats:
        """As `scorers.Scorer`."""
        total = np.empty((len(x), self._table.shape[1] + 1))
        for part in _parts(len(x)):
            leaves = self._leaves(x[part])
            total[part, :-1] = leaves @ self._table
            total[part, -1] = leaves @ self._raw
        return total

    def raw_and_contributions(self, x: Single) -> tuple[Floats, Callable[[], Floats]]:
        """As `scorers.Scorer`."""
        if len(x) > ROWS_AT_ONCE:
            return split_off_raw(self.contributions(x))
        leaves = self._leaves(x)
        return leaves @ self._raw, lambda: (leaves @ self._table).astype(np.float64)

    def _leaves(self, x: Single) -> csr_array:
        """A 1 for the leaf of each stage, then for the baseline: shape (rows, leaves of all stages + 1)."""
        reached = np.repeat(self._all.view(np.uint64)[None], len(x), axis=0)
        allowed = np.empty_like(reached)
        for values, (thresholds, table) in zip(x.T.astype(np.float64, order="C"), self._lookups, strict=True):
            table.take(thresholds.searchsorted(values), axis=0, out=allowed, mode="clip")
            reached &= allowed
        stages = len(self._first)
        at = np.empty((len(x), 1 + stages), dtype=np.int32)
        at[:, 0] = len(self._raw) - 1
        np.add(_INDEX_OF_BIT.take(reached.view(np.uint8)[:, :stages]), self._first, out=at[:, 1:])
        ends = np.arange(0, at.size + 1, 1 + stages, dtype=np.int32)
        return csr_array((np.ones(at.size, dtype=np.float32), at.ravel(), ends), shape=(len(x), len(self._raw)))


def split_off_raw(contributions: Floats) -> tuple[Floats, Callable[[], Floats]]:
    """Computed contributions in the shape that `raw_and_contributions` returns."""
    return contributions[:, -1], lambda: contributions[:, :-1]


def _parts(rows: int) -> Iterator[slice]:
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, rows, ROWS_AT_ONCE))


def _inner(nodes: Nodes) -> NDArray[np.intp]:
    """The nodes that split, each before its children."""
    return np.flatnonzero(nodes["is_leaf"] == 0)


def _below(nodes: Nodes, node: int) -> NDArray[np.intp]:
    return np.array([nodes["left"][node], nodes["right"][node]], dtype=np.intp)


def _values(nodes: Nodes) -> Floats:
    """Values of all nodes. Boosting shrinks leaves only, so an inner node gets the mean of the leaves below it.

    The mean is weighted by the training rows of the leaves.
    """
    values = np.where(nodes["is_leaf"], nodes["value"], 0.0)
    for node in _inner(nodes)[::-1]:
        below = _below(nodes, node)
        values[node] = np.average(values[below], weights=nodes["count"][below].astype(np.float64))
    return values


def _reach(nodes: Nodes) -> Bytes:
    """The leaves below each node, one bit each."""
    leaves = np.flatnonzero(nodes["is_leaf"])
    if len(leaves) > LEAVES:
        raise ValueError(f"a stage of boosting has {len(leaves)} leaves, more than the {LEAVES} that fit into a byte")
    reach = np.zeros(len(nodes), dtype=np.uint8)
    reach[leaves] = 1 << np.arange(len(leaves))
    for node in _inner(nodes)[::-1]:
        reach[node] = np.bitwise_or.reduce(reach[_below(nodes, node)])
    return reach


def _paths(nodes: Nodes, values: Floats, predictors: int) -> Floats:
    """What each predictor contributes on the path to each node: shape (nodes, predictors)."""
    table = np.zeros((len(nodes), predictors))
    for node in _inner(nodes):
        below = _below(nodes, node)
        table[below] = table[node]
        table[below, nodes["feature_idx"][node]] += values[below] - values[node]
    return table


def _split(stage: int, node: np.void, reach: Bytes) -> Split:
    left, right = 255 - int(reach[node["right"]]), 255 - int(reach[node["left"]])
    return Split(stage, float(node["num_threshold"]), left, right, left if node["missing_go_to_left"] else right)


def _lookup_tables(splits: Sequence[Split], width: int) -> tuple[Floats, NDArray[np.uint64]]:
    """The thresholds on one predictor, and for each position among them the reachable leaves of every stage.

    The last threshold is infinity; the position after it is for a missing value.
    """
    thresholds = np.unique([*(split.threshold for split in splits), np.inf])
    table = np.full((len(thresholds) + 1, width), 255, dtype=np.uint8)
    for split in splits:
        cut = np.searchsorted(thresholds, split.threshold) + 1
        table[:cut, split.stage] &= split.left
        table[cut:-1, split.stage] &= split.right
        table[-1, split.stage] &= split.missing
    return thresholds, table.view(np.uint64)
