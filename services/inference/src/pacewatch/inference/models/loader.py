"""The model that this process scores with: fetched, verified and opened once; a model that fails a check is not used.

A model that was trained on predictors of an earlier release scores until the next one is trained: an upgrade must not
end the scores. An artifact that cannot be opened is logged and counted, and scoring continues with the
previous model: its scores are better than none, and telemetry must still be stored. The next attempt follows after a
second, then after ever longer pauses: a store that was away for a moment must not cost a minute of scores.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.profile import Profile
from pacewatch.inference import metrics
from pacewatch.inference.models import repository
from pacewatch.inference.models.repository import Activation
from pacewatch.kit import logs
from pacewatch.kit.blobs import BlobStore
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.models.ml_engine import MLEngine

FETCH_TIMEOUT_S = 30
FIRST_RETRY_S = 1.0

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """An activation and the opened engine of its artifact, ready to score."""

    activation: Activation
    engine: MLEngine


@dataclass(frozen=True, slots=True)
class _Retry:
    """Why an artifact did not open, and when it may be tried again: `pause_s` later, at `due_s` (monotonic clock)."""

    reason: str
    pause_s: float
    due_s: float


@dataclass(slots=True)
class ModelLoader:
    """Keeps the engines of the last few activations; `retry_s` is the longest pause before a failed one is retried."""

    profile: Profile
    blobs: BlobStore
    public_keys: Sequence[Ed25519PublicKey]
    retry_s: float
    _activations: dict[str, Activation] = field(default_factory=dict)
    _engines: dict[str, MLEngine] = field(default_factory=dict)
    _retries: dict[str, _Retry] = field(default_factory=dict)
    _scoring: str | None = None
    _version_in_metrics: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def active(self, connection: asyncpg.Connection) -> ActiveModel | None:
        """The newest activated model whose artifact opens in this process; None if there is none."""
        return await self.first_usable(await repository.activations(connection, self._activations))

    async def first_usable(self, activations: Sequence[Activation]) -> ActiveModel | None:
        """The first of `activations` whose artifact opens in this process; engines of all others are dropped."""
        async with self._lock:
            listed = {activation.artifact.sha256 for activation in activations}
            self._engines = {sha256: engine for sha256, engine in self._engines.items() if sha256 in listed}
            for activation in activations:
                engine = await self._engine(activation)
                if engine is not None:
                    self._scoring = activation.version
                    self._show_in_metrics(activation.version)
                    return ActiveModel(activation, engine)
            self._scoring = None
        return None

    @property
    def scoring(self) -> str | None:
        """The version that the last search for a usable model found, if it found one."""
        return self._scoring

    def why_not(self, activation: Activation) -> str:
        """Why the artifact of `activation` did not open; empty if it opened or was not tried yet."""
        retry = self._retries.get(activation.artifact.sha256)
        return retry.reason if retry else ""

    async def _engine(self, activation: Activation) -> MLEngine | None:
        sha256 = activation.artifact.sha256
        if sha256 in self._engines:
            return self._engines[sha256]
        if (retry := self._retries.get(sha256)) and time.monotonic() < retry.due_s:
            return None
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                content = await self.blobs.get(activation.artifact.uri)
            self._engines[sha256] = await asyncio.to_thread(self._open, activation, content)
        except Exception as error:
            self._record_failure(activation, error)
            return None
        self._retries.pop(sha256, None)
        log.info("model_loaded", version=activation.version, sequence=activation.sequence)
        return self._engines[sha256]

    def _open(self, activation: Activation, content: bytes) -> MLEngine:
        reference = activation.artifact
        signed = (content, reference.manifest_json, reference.signature, self.public_keys, self.profile)
        manifest = artifact.verify(*signed, earlier_features=True)
        if (manifest.version, manifest.sha256) != (activation.version, reference.sha256):
            raise ArtifactRefusedError("manifest_mismatch", f"the artifact is of {manifest.version}")
        engine, _manifest = artifact.unpack(*signed, earlier_features=True)
        return engine

    def _record_failure(self, activation: Activation, error: Exception) -> None:
        code = error.code if isinstance(error, ArtifactRefusedError) else "unavailable"
        sha256 = activation.artifact.sha256
        before = self._retries.get(sha256)
        pause_s = min(2 * before.pause_s if before else FIRST_RETRY_S, self.retry_s)
        self._retries[sha256] = _Retry(code, pause_s, time.monotonic() + pause_s)
        metrics.ARTIFACTS_REFUSED.labels(code).inc()
        log.error("artifact_refused", version=activation.version, code=code, reason=str(error) or repr(error))

    def _show_in_metrics(self, version: str) -> None:
        if version != self._version_in_metrics:
            metrics.ACTIVE_MODEL.clear()
            metrics.ACTIVE_MODEL.labels(version).set(1)
            self._version_in_metrics = version
