"""The model this process scores with: fetched, checked and opened once, and never replaced by one that fails a check.

An artifact that cannot be opened is an error to log and count, not a reason to stop: the scores of the model before
it are worth more than none, and telemetry must flow on.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.profile import Profile
from pacewatch.inference import metrics
from pacewatch.inference.scoring.repository import Activation
from pacewatch.kit import logs
from pacewatch.kit.blobs import BlobStore
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.errors import ArtifactRefused
from pacewatch.ml.models.ml_engine import MLEngine

FETCH_TIMEOUT_S = 30

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """An activation and the engine behind it, ready to score."""

    activation: Activation
    engine: MLEngine


@dataclass(slots=True)
class Loader:
    """Keeps the engines of the last few activations; `retry_s` is how long a failed one is left alone.

    `read` are the activations that were read from the table: see `repository.activations`.
    """

    profile: Profile
    blobs: BlobStore
    public_key: Ed25519PublicKey
    retry_s: float
    read: dict[str, Activation] = field(default_factory=dict)
    _engines: dict[str, MLEngine] = field(default_factory=dict)
    _failed_at_s: dict[str, float] = field(default_factory=dict)
    _shown: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def usable(self, activations: Sequence[Activation]) -> ActiveModel | None:
        """The first of `activations`, newest first, whose artifact opens here; None if there is none."""
        async with self._lock:
            known = {activation.artifact.sha256 for activation in activations}
            self._engines = {name: engine for name, engine in self._engines.items() if name in known}
            for activation in activations:
                engine = await self._engine(activation)
                if engine is not None:
                    self._show(activation.version)
                    return ActiveModel(activation, engine)
        return None

    async def _engine(self, activation: Activation) -> MLEngine | None:
        name = activation.artifact.sha256
        if name in self._engines:
            return self._engines[name]
        if time.monotonic() - self._failed_at_s.get(name, -self.retry_s) < self.retry_s:
            return None
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                content = await self.blobs.get(activation.artifact.uri)
            self._engines[name] = await asyncio.to_thread(self._open, activation, content)
        except Exception as error:
            self._note_failure(activation, error)
            return None
        log.info("model_loaded", version=activation.version, sequence=activation.sequence)
        return self._engines[name]

    def _open(self, activation: Activation, content: bytes) -> MLEngine:
        reference = activation.artifact
        signed = (content, reference.manifest_json, reference.signature, self.public_key, self.profile)
        manifest = artifact.verify(*signed)
        if (manifest.version, manifest.sha256) != (activation.version, reference.sha256):
            raise ArtifactRefused("manifest_mismatch", f"the artifact is of {manifest.version}")
        engine, _manifest = artifact.unpack(*signed)
        return engine

    def _note_failure(self, activation: Activation, error: Exception) -> None:
        code = error.code if isinstance(error, ArtifactRefused) else "unavailable"
        self._failed_at_s[activation.artifact.sha256] = time.monotonic()
        metrics.ARTIFACTS_REFUSED.labels(code).inc()
        log.error("artifact_refused", version=activation.version, code=code, reason=str(error) or repr(error))

    def _show(self, version: str) -> None:
        if version != self._shown:
            metrics.ACTIVE_MODEL.clear()
            metrics.ACTIVE_MODEL.labels(version).set(1)
            self._shown = version
