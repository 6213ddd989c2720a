"""Checks that an artifact is what its manifest says, and that it works. This process unpickles nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.models import ArtifactReference
from pacewatch.contracts.profile import Profile
from pacewatch.kit.blobs import BlobStore
from pacewatch.ml.artifacts import artifact, smoke, store
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import ArtifactRefusedError


@dataclass(frozen=True, slots=True)
class ArtifactChecker:
    """Where artifacts are stored, whose signatures are accepted, and which profile they must be for."""

    blobs: BlobStore
    public_keys: Sequence[Ed25519PublicKey]
    profile: Profile
    timeout_s: float
    # SHA-256 of artifacts that loaded and scored: with the libraries of this process the same bytes do so again.
    _work: set[str] = field(default_factory=set)

    async def check(self, version: str, run_id: str, reference: ArtifactReference) -> Manifest:
        """The verified manifest; otherwise ArtifactRefusedError with a stable `code` and a reason.

        Signature, hash, profile, features and library versions are verified first. Then a process of its own loads
        the model and scores a few rows with it, once for the same bytes.
        """
        try:
            data = await self.blobs.get(reference.uri)
        except FileNotFoundError:
            raise ArtifactRefusedError("artifact_missing", f"there is no file at {reference.uri}") from None
        signed = (reference.manifest_json, reference.signature)
        manifest = await asyncio.to_thread(artifact.verify, data, *signed, self.public_keys, self.profile)
        if (manifest.version, manifest.run_id, manifest.sha256) != (version, run_id, reference.sha256):
            raise ArtifactRefusedError("manifest_mismatch", f"the artifact is of {manifest.version}, not of {version}")
        if manifest.sha256 not in self._work:
            await asyncio.to_thread(self._smoke_test, data, manifest, reference.signature)
            self._work.add(manifest.sha256)
        return manifest

    def _smoke_test(self, data: bytes, manifest: Manifest, signature: str) -> None:
        with TemporaryDirectory(prefix="pacewatch-candidate-") as folder:
            path = store.write(Path(folder), data, manifest, signature)
            smoke.run(path, self.profile.name, self.public_keys, self.timeout_s)
