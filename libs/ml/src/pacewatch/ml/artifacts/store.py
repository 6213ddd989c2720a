"""Artifacts in a folder: three files named after the artifact's SHA-256, each written atomically."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.profile import Profile
from pacewatch.kit.files import write_whole
from pacewatch.ml.artifacts.artifact import unpack
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.models.ml_engine import MLEngine

ARTIFACT, MANIFEST, SIGNATURE = ".joblib", ".manifest.json", ".sig"
READABLE = 0o644  # nothing in an artifact is secret, and another user may verify it


def write(folder: Path, artifact: bytes, manifest: Manifest, signature: str) -> Path:
    """Store the results of `pack`; returns the path of the artifact. Manifest and signature are next to it."""
    path = folder / f"{manifest.sha256}{ARTIFACT}"
    write_whole(path.with_suffix(SIGNATURE), signature.encode(), READABLE)
    write_whole(path.with_suffix(MANIFEST), manifest.canonical_json().encode(), READABLE)
    write_whole(path, artifact, READABLE)
    return path


def read(path: Path) -> tuple[bytes, str, str]:
    """(artifact, manifest JSON, signature) of the artifact at `path`; FileNotFoundError if one of them is missing."""
    return path.read_bytes(), path.with_suffix(MANIFEST).read_text(), path.with_suffix(SIGNATURE).read_text()


def load(path: Path, public_keys: Sequence[Ed25519PublicKey], profile: Profile) -> tuple[MLEngine, Manifest]:
    """The verified engine and its manifest; ArtifactRefusedError as `artifact.unpack`."""
    return unpack(*read(path), public_keys, profile)
