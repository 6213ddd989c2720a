"""The champion is compared on rows that neither model has learned from."""

from functools import cache

import numpy as np
from unit.ml.fleet import QUICK, made_up_fleet

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles import PACEMAKER
from pacewatch.ml.evaluation.areas import ranking
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.ml.training.train import TrainedModel, train
from pacewatch.trainer_agent.candidates.champion import beside_champion, learned_until_s

HORIZON_S = 7 * SECONDS_PER_DAY


@cache
def trained(days_ago: int = 0, **parameters: object) -> TrainedModel:
    """A model of what was known of the fleet so many days before its end."""
    fleet = made_up_fleet(devices=160)
    now_s = fleet.now_s - days_ago * SECONDS_PER_DAY
    readings = fleet.readings.where(fleet.readings.timestamps_s < now_s)
    known = fleet.failures.occurred_at_s < now_s
    failures = Failures(*(column[known] for column in fleet.failures[:2]))
    labels = labels_of(PACEMAKER.label, readings, failures, now_s)
    return train(PACEMAKER, readings, labels, failures, now_s, QUICK | parameters, folds=0)


def test_rows_are_newer_than_the_champions_newest_training_row_by_more_than_the_embargo() -> None:
    candidate, champion = trained(), trained(days_ago=50)
    figures = beside_champion(candidate, champion.engine, champion.dataset, made_up_fleet(devices=160).failures)
    until_s = champion.dataset["spans"]["final_fit"]["to_s"]
    assert figures["from_s"] == until_s + HORIZON_S + 1
    newer = candidate.holdout.keys.timestamps_s > until_s + HORIZON_S
    assert figures["rows"] == newer.sum() > 1_000
    assert figures["failures"] >= 10


def test_the_sides_are_the_champions_predictions_and_the_candidates_out_of_time_risks() -> None:
    candidate, champion = trained(), trained(days_ago=50, algorithm="hist_gradient_boosting", boosting_iterations=1)
    figures = beside_champion(candidate, champion.engine, champion.dataset, made_up_fleet(devices=160).failures)
    new = candidate.holdout.keys.timestamps_s >= figures["from_s"]
    labels, x = candidate.holdout.labels[new], candidate.holdout.x[new]
    sides = {"candidate": candidate.risk[new], "champion": champion.engine.predict_proba(x)}
    for side, risk in sides.items():
        expected = dict(zip(("roc_auc", "pr_auc"), ranking(labels, risk), strict=True))
        assert {name: figures[side][name] for name in expected} == expected
    assert figures["more"]["pr_auc"]["value"] > 0


def test_a_champion_that_knows_everything_leaves_no_row_to_compare_on() -> None:
    candidate = trained()
    figures = beside_champion(candidate, candidate.engine, candidate.dataset, made_up_fleet(devices=160).failures)
    assert (figures["rows"], figures["more"]) == (0, {})


def test_a_manifest_that_does_not_say_what_was_learned_leaves_no_row() -> None:
    candidate = trained()
    figures = beside_champion(candidate, candidate.engine, {}, made_up_fleet(devices=160).failures)
    assert figures["from_s"] > np.max(candidate.holdout.keys.timestamps_s)
    assert figures["rows"] == 0


def test_models_of_an_older_release_learned_up_to_the_end_of_validation() -> None:
    assert learned_until_s({"spans": {"train": {"to_s": 1}, "validation": {"to_s": 2}, "test": {"to_s": 3}}}) == 2
    assert learned_until_s({"spans": {"final_fit": {"to_s": 4}}}) == 4
