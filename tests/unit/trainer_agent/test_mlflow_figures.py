"""What a run says of itself in MLflow, from its manifest."""

import json
from datetime import UTC, datetime

from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.trainer_agent.mlflow_copy.figures import candidates_of, dataset_of, metrics_of

METRICS = {
    "roc_auc": 0.9,
    "algorithm": "random_forest",
    "curve": [{"threshold": 0.1}],
    "oob_score": None,
    "provisional": True,
    "champion": {"version": "v", "candidate": {"pr_auc": 0.3}, "champion": {"pr_auc": 0.2}},
    "subgroups": {"model": {"X&1": {"caught": 0.5}}},
    "kfold": {"folds": 2, "roc_auc": {"mean": 0.7, "std": 0.1, "values": [0.6, 0.8]}},
    "candidates": [{"algorithm": "xgboost", "roc_auc": 0.91, "caught": None}],
    "origins": [{"roc_auc": None, "rows": 10}, {"roc_auc": 0.8, "rows": 20}],
}
MANIFEST = Manifest(
    version="20260101T000000Z",
    profile="machine",
    algorithm="random_forest",
    features=("a", "b"),
    feature_set_hash="f",
    libraries={},
    dataset={"sha256": "d" * 64, "rows": 30, "spans": {}},
    metrics=METRICS,
    parameters={"n_estimators": 100},
    threshold=0.3,
    run_id="r",
    commit="c",
    sha256="s",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_every_number_is_a_metric_and_folds_and_origins_are_steps() -> None:
    assert list(metrics_of(MANIFEST, {"train": 2.0})) == [
        ("duration.train_s", 2.0, 0),
        ("roc_auc", 0.9, 0),
        ("champion.candidate.pr_auc", 0.3, 0),
        ("champion.champion.pr_auc", 0.2, 0),
        ("subgroups.model.X_1.caught", 0.5, 0),
        ("kfold.roc_auc", 0.6, 0),
        ("kfold.roc_auc", 0.8, 1),
        ("kfold.roc_auc.mean", 0.7, 0),
        ("kfold.roc_auc.std", 0.1, 0),
        ("origin.roc_auc", 0.8, 1),
        ("origin.rows", 10, 0),
        ("origin.rows", 20, 1),
    ]


def test_the_algorithms_that_were_compared_are_metrics() -> None:
    assert candidates_of(MANIFEST) == {"candidate.xgboost.roc_auc": 0.91}


def test_the_dataset_has_its_columns_its_digest_and_where_it_is() -> None:
    dataset = dataset_of(MANIFEST)
    assert (dataset["name"], dataset["digest"]) == ("machine-readings", "d" * 36)
    assert [one["name"] for one in json.loads(dataset["schema"])["mlflow_colspec"]] == ["a", "b"]
    assert json.loads(dataset["profile"]) == {"rows": 30}
