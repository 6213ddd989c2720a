"""Folds of devices."""

import numpy as np
from unit.ml.engines import rows
from unit.ml.fleet import QUICK

from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.models.ml_engine import Prepared
from pacewatch.ml.training.folds import cross_validate, grouped_folds

PARAMETERS = QUICK | {"algorithm": "logistic_regression", "random_state": 1}


def prepared() -> Prepared:
    x, labels = rows()
    return Prepared(x.astype(np.float32), labels, np.ones(len(labels), dtype=bool), {})


def test_no_device_is_on_both_sides_of_a_fold_and_each_is_tested_once() -> None:
    device_ids = np.repeat(np.arange(23), 4)
    tested = []
    for train, test in grouped_folds(device_ids, 5, seed=1):
        assert not set(device_ids[train]) & set(device_ids[test])
        tested += list(np.unique(device_ids[test]))
    assert sorted(tested) == list(range(23))


def test_both_areas_are_given_for_each_fold() -> None:
    result = cross_validate(PACEMAKER, PARAMETERS, prepared(), np.arange(1_500) // 10, 5)
    assert result["folds"] == len(result["roc_auc"]["values"]) == 5
    assert 0.9 < result["roc_auc"]["mean"] < 1


def test_folds_of_one_device_are_refused_in_words() -> None:
    result = cross_validate(PACEMAKER, PARAMETERS, prepared(), np.arange(1_500) % 4, 5)
    assert (result["folds"], result["roc_auc"]["mean"]) == (0, None)
    assert "5 folds of 4 devices would test fewer than 2 devices each" in result["refused"]
