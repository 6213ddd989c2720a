"""An artifact in a folder: three files named by the artifact's SHA-256, each written whole or not at all."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pacewatch.contracts.profile import Profile
from pacewatch.ml.artifacts.artifact import unpack
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.models.ml_engine import MLEngine

ARTIFACT, MANIFEST, SIGNATURE = ".joblib", ".manifest.json", ".sig"


def write(folder: Path, artifact: bytes, manifest: Manifest, signature: str) -> Path:
    """Store what `pack` returned; returns the artifact's path. Beside it are its manifest and signature."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{manifest.sha256}{ARTIFACT}"
    _write_whole(path.with_suffix(SIGNATURE), signature.encode())
    _write_whole(path.with_suffix(MANIFEST), manifest.canonical_json().encode())
    _write_whole(path, artifact)
    return path


def read(path: Path) -> tuple[bytes, str, str]:
    """(artifact, manifest JSON, signature) of an artifact's path; FileNotFoundError if one of the three is missing."""
    return path.read_bytes(), path.with_suffix(MANIFEST).read_text(), path.with_suffix(SIGNATURE).read_text()


def load(path: Path, public_key: Ed25519PublicKey, profile: Profile) -> tuple[MLEngine, Manifest]:
    """The verified engine; ArtifactRefusedError says why not."""
    return unpack(*read(path), public_key, profile)


def _write_whole(path: Path, content: bytes) -> None:
    """Under a temporary name first: a reader, or a crash, never meets half a file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
