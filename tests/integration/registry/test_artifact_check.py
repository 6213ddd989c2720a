"""A candidate whose artifact is not what its event says, or does not work, is rejected; the active model stays."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.candidates import candidate, engine_with_nan_risks
from support.inference.models import engine
from support.registry import Registry

from pacewatch.contracts.models import ModelCandidate


def path_of(event: ModelCandidate) -> Path:
    return Path(urlsplit(event.artifact.uri).path)


async def rejection_reason(registry: Registry, event: ModelCandidate) -> str:
    """Judge `event` while another model is active; returns the reason that the API shows."""
    active = await registry.add_active(1)
    version = await registry.receive(event)
    assert await registry.judge() == version
    model = await registry.get_model(version)
    assert (model["status"], await registry.active_version()) == ("rejected", active)
    type_, data = (await registry.emitted())[-1]
    assert (type_, data["version"], data["reason"]) == ("model.rejected", version, model["reason"])
    return str(model["reason"])


async def test_model_that_scores_nan_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, model=engine_with_nan_risks(engine()))
    assert (await rejection_reason(registry, event)).startswith("smoke_failed")


async def test_tampered_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    data = bytearray(path_of(event).read_bytes())
    data[len(data) // 2] ^= 1
    path_of(event).write_bytes(data)
    assert (await rejection_reason(registry, event)).startswith("hash_mismatch")


async def test_truncated_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    path_of(event).write_bytes(path_of(event).read_bytes()[:-100])
    assert (await rejection_reason(registry, event)).startswith("hash_mismatch")


async def test_missing_artifact_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    path_of(event).unlink()
    assert (await rejection_reason(registry, event)).startswith("artifact_missing")


async def test_artifact_signed_with_another_key_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, key=Ed25519PrivateKey.generate())
    assert (await rejection_reason(registry, event)).startswith("signature_invalid")


async def test_gate_uses_the_signed_metrics_and_not_the_events(registry: Registry) -> None:
    event = await candidate(registry.settings, 2, {"roc_auc": 0.5, "intervals": {}})
    changed = event.model_copy(update={"metrics": event.metrics | {"roc_auc": 0.99}})
    assert "ROC-AUC" in await rejection_reason(registry, changed)


async def test_artifact_of_another_feature_set_is_rejected(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pacewatch.ml.artifacts.artifact.feature_set_hash", lambda _profile: "of other features")
        event = await candidate(registry.settings, 2)
    assert (await rejection_reason(registry, event)).startswith("features_mismatch")


async def test_artifact_of_other_library_versions_is_rejected(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pacewatch.ml.artifacts.artifact.library_versions", lambda _algorithm: {"numpy": "0.1"})
        event = await candidate(registry.settings, 2)
    assert (await rejection_reason(registry, event)).startswith("library_mismatch")


async def test_artifact_of_another_version_is_rejected(registry: Registry) -> None:
    event = await candidate(registry.settings, 2)
    renamed = event.model_copy(update={"version": "20300101T000000Z"})
    assert (await rejection_reason(registry, renamed)).startswith("manifest_mismatch")
