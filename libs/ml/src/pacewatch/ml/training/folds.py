"""K-fold over devices: no fold tests a device that it trained on. It says nothing about time; origins do that."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Bools, Ints, Labels
from pacewatch.ml.evaluation.areas import NAMES, ranking
from pacewatch.ml.json_numbers import number
from pacewatch.ml.models.ml_engine import MLEngine, Prepared

FEWEST_DEVICES = 2
"""A fold that tests fewer devices says how one device differs, not how well devices are ranked."""


def cross_validate(
    profile: Profile, parameters: dict[str, Any], rows: Prepared, device_ids: Ints, folds: int
) -> dict[str, Any]:
    """ROC-AUC and PR-AUC over folds of the devices of `rows`, JSON-serialisable; `refused` says why there are none."""
    devices = len(np.unique(device_ids))
    if folds and devices < FEWEST_DEVICES * folds:
        return _summary([]) | {
            "refused": f"{folds} folds of {devices} devices would test fewer than {FEWEST_DEVICES} devices each, "
            "which says nothing about devices not trained on"
        }
    masks = grouped_folds(device_ids, folds, int(parameters["random_state"]))
    scores = (_fold(profile, parameters, rows, train, test) for train, test in masks)
    return _summary([score for score in scores if score is not None])


def grouped_folds(device_ids: Ints, folds: int, seed: int) -> Iterator[tuple[Bools, Bools]]:
    """(train, test) row masks: every device is in the test of one fold, and in the training of all others."""
    devices = np.unique(device_ids)
    if folds == 0:
        return
    fold_of = np.random.default_rng(seed).permutation(len(devices)) % folds
    row_fold = fold_of[np.searchsorted(devices, device_ids)]
    for fold in range(folds):
        yield row_fold != fold, row_fold == fold


def _summary(scores: list[tuple[float, float]]) -> dict[str, Any]:
    result: dict[str, Any] = {"folds": len(scores)}
    for i, name in enumerate(NAMES):
        values = np.array([score[i] for score in scores])
        result[name] = {
            "mean": number(values.mean()) if len(values) else None,
            "std": number(values.std()) if len(values) else None,
            "values": values.tolist(),
        }
    return result


def _fold(
    profile: Profile, parameters: dict[str, Any], rows: Prepared, train: Bools, test: Bools
) -> tuple[float, float] | None:
    """(ROC-AUC, PR-AUC) of one fold; None if train or test has only one class."""
    if not _has_both_classes(rows.labels[train]) or not _has_both_classes(rows.labels[test]):
        return None
    engine = MLEngine(profile, **parameters).fit(rows.x[train], rows.labels[train])
    return ranking(rows.labels[test], engine.log_odds(rows.x[test]))


def _has_both_classes(labels: Labels) -> bool:
    return bool((labels == 1).any() and (labels == 0).any())
