"""A small real model, trained once, and activations of it as the registry announces them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from pacewatch.contracts.models import ArtifactReference, ModelActivated
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.blobs import open_store
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.features.compute import predictor_matrix
from pacewatch.ml.features.register import UNKNOWN, Timeline
from pacewatch.ml.models.ml_engine import MLEngine

START_S = 1_760_000_400
THRESHOLD = 0.3
HEALTHY = (650.0, 0.75, 11.0, 2.78)
DYING = (650.0, 4.5, 3.0, 2.66)
"""Values in the order of the profile's signals; none is at a hard limit."""

DEVICES, DAYS, BAD_DAYS = 60, 60, 7


@dataclass(frozen=True)
class Packed:
    """A model whose signed artifact is stored."""

    version: str
    reference: ArtifactReference


EARLIER = replace(PACEMAKER, extra_features=(*PACEMAKER.retired_features[:3], *PACEMAKER.extra_features[:5]))
"""The profile as an earlier release could have declared it."""


@cache
def engine(trees: int = 20, random_state: int = 1, profile: Profile = PACEMAKER, *, sees_age: bool = False) -> MLEngine:
    """A forest that distinguishes failing devices from healthy ones; with `sees_age` by their age alone."""
    rng = np.random.default_rng(random_state)
    device_ids = np.repeat(np.arange(DEVICES), DAYS)
    days = np.tile(np.arange(DAYS), DEVICES)
    bad = (device_ids % 3 == 0) & ((days >= DAYS - BAD_DAYS) | sees_age)
    signals = {}
    for name, healthy, dying in zip(PACEMAKER.signal_names, HEALTHY, DYING, strict=True):
        share = np.where(bad & (not sees_age), rng.uniform(0.3, 1.0, len(days)), 0.0)
        signals[name] = (healthy + share * (dying - healthy)) * rng.normal(1, 0.02, len(days))
    implanted_s = START_S - np.where(np.arange(DEVICES) % 3 == 0, 2_000.0, 200.0) * SECONDS_PER_DAY
    timeline = Timeline.of(np.arange(DEVICES), np.zeros(DEVICES, np.int64), implanted_s)
    register = {"implanted_at": timeline} if sees_age else UNKNOWN
    readings = Readings(device_ids, START_S + days * SECONDS_PER_DAY, signals)
    x = predictor_matrix(profile, readings, register=register)
    fitted = MLEngine(profile, n_estimators=trees, random_state=random_state, n_jobs=1).fit(x, bad.astype(np.int8))
    fitted.threshold = THRESHOLD
    return fitted


async def pack(
    settings: KitSettings,
    created_at: datetime,
    random_state: int = 1,
    trees: int = 20,
    metrics: Mapping[str, float] | None = None,
    profile: Profile = PACEMAKER,
    *,
    sees_age: bool = False,
) -> Packed:
    """Sign a model with the key of the deployment and store its artifact."""
    content, manifest, signature = artifact.pack(
        engine(trees, random_state, profile, sees_age=sees_age),
        settings.artifact_keys().private(),
        metrics=metrics or {},
        dataset={},
        run_id="test",
        commit="test",
        created_at=created_at,
    )
    uri = await open_store(settings.artifact_url).put(f"{manifest.sha256}.joblib", content)
    reference = ArtifactReference(
        uri=uri, sha256=manifest.sha256, manifest_json=manifest.canonical_json(), signature=signature
    )
    return Packed(manifest.version, reference)


def activated(model: Packed, sequence: int = 1, threshold: float = THRESHOLD) -> ModelActivated:
    """The event that activates `model`."""
    return ModelActivated(
        version=model.version,
        previous=None,
        sequence=sequence,
        artifact=model.reference,
        threshold=threshold,
        actor="test",
        reason="test",
        gate=[],
        activated_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=sequence),
    )


def forged(model: Packed) -> Packed:
    """The same model with an invalid signature."""
    reference = model.reference.model_copy(update={"signature": base64.b64encode(bytes(64)).decode()})
    return Packed(model.version, reference)


def signals_of(rows: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    """Rows of values as the columns of an event."""
    columns = zip(*rows, strict=True) if rows else [()] * len(PACEMAKER.signal_names)
    return dict(zip(PACEMAKER.signal_names, map(list, columns), strict=True))
