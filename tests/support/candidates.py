"""Candidate events as a trainer emits them: a real signed artifact, with metrics that the test chooses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pacewatch.contracts.models import ArtifactReference, ModelCandidate
from pacewatch.kit.blobs import open_store
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.models.ml_engine import MLEngine
from support.inference.models import engine

GOOD_METRICS: dict[str, Any] = {
    "roc_auc": 0.85,
    "pr_auc": 0.15,
    "accuracy": 0.98,
    "precision": 0.3,
    "recall": 0.4,
    "f1": 0.34,
    "failures_caught": 0.7,
    "failures_pooled": 40,
    "base_rate": 0.01,
    "budget": 0.01,
    "threshold": 0.3,
    "holdout": {"failures": 40, "positives": 280, "rows": 28_000},
    "at_threshold": {"alert_share": 0.012},
    "intervals": {"roc_auc": {"value": 0.85, "low": 0.82, "high": 0.88}},
    "caught_more_than_hand_rule": {"value": 0.4, "low": 0.2, "high": 0.6},
    "f1_more_than_hand_rule": {"value": 0.2, "low": 0.1, "high": 0.3},
    "calibration": {"expected": 300.0, "observed": 280, "ratio": {"value": 1.07, "low": 0.8, "high": 1.4}},
}
"""The metrics of a good model with enough failures judged."""


def beside(version: str, failures: int = 8, caught: float = 0.1, pr_auc: float = 0.02) -> dict[str, Any]:
    """The comparison with the active `version` that a trainer signs: intervals of .1 around these differences."""
    more = {"failures_caught": caught, "pr_auc": pr_auc}
    intervals = {name: {"value": value, "low": value - 0.1, "high": value + 0.1} for name, value in more.items()}
    return {"champion": {"version": version, "threshold": 0.3, "rows": 9_000, "failures": failures, "more": intervals}}


FIRST_TRAINED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def engine_with_nan_risks(fitted: MLEngine) -> MLEngine:
    """An engine that loads, but whose every risk is NaN."""
    copy = MLEngine(fitted.profile)
    copy.__dict__.update(fitted.__dict__)
    copy._calibration = replace(fitted._calibration, slope=float("nan"))
    return copy


async def candidate(
    settings: KitSettings,
    hours: int = 0,
    metrics: Mapping[str, Any] | None = None,
    *,
    model: MLEngine | None = None,
    key: Ed25519PrivateKey | None = None,
) -> ModelCandidate:
    """A candidate trained `hours` after FIRST_TRAINED_AT, with a signed artifact; `metrics` override GOOD_METRICS."""
    run_id, created_at = uuid4(), FIRST_TRAINED_AT + timedelta(hours=hours)
    data, manifest, signature = artifact.pack(
        model or engine(),
        key or settings.artifact_keys().private(),
        metrics=GOOD_METRICS | dict(metrics or {}),
        dataset={"rows": 28_000, "sha256": "0" * 64},
        run_id=str(run_id),
        commit="test",
        created_at=created_at,
    )
    uri = await open_store(settings.artifact_url).put(f"models/{manifest.version}.joblib", data)
    return ModelCandidate(
        run_id=run_id,
        version=manifest.version,
        artifact=ArtifactReference(
            uri=uri, sha256=manifest.sha256, manifest_json=manifest.canonical_json(), signature=signature
        ),
        metrics=manifest.metrics,
        dataset=manifest.dataset,
        parameters=manifest.parameters,
        trained_at=created_at,
    )
