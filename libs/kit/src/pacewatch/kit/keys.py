"""Ed25519 signing keys: one pair for tokens, one for model artifacts.

Keys come from the environment where a secret manager provides them. Otherwise the first process creates them in the
secrets folder, readable by the owner only: there is no default key, and all processes of a machine use the same one.
"""

import base64
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pacewatch.kit.errors import ConfigurationError


def key_id(public: Ed25519PublicKey) -> str:
    """A short id derived from a key; it says which of several keys made a signature."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the key pair `name` comes from; `private_text` and `public_text` are base64 of 32 raw bytes."""

    name: str
    private_text: str
    public_text: str
    folder: Path

    def private(self) -> Ed25519PrivateKey:
        """The signing key; created in the folder if there is none."""
        text = self.private_text or self._read_or_create()
        return Ed25519PrivateKey.from_private_bytes(self._raw(text, "private"))

    def public(self) -> Ed25519PublicKey:
        """The verifying key: from the setting or the folder, else derived from the private key."""
        if self.public_text:
            return Ed25519PublicKey.from_public_bytes(self._raw(self.public_text, "public"))
        published = self.folder / f"{self.name}.pub"
        if not self.private_text and published.exists():
            return Ed25519PublicKey.from_public_bytes(self._raw(published.read_text(), "public"))
        return self.private().public_key()

    def _raw(self, text: str, half: str) -> bytes:
        try:
            raw = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            raw = b""
        if len(raw) != 32:
            raise ConfigurationError(
                f"the {self.name} {half} key must be base64 of 32 bytes; `pacewatch keys` creates one"
            )
        return raw

    def _read_or_create(self) -> str:
        path = self.folder / f"{self.name}.key"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            private = Ed25519PrivateKey.generate()
            if _create(path, to_base64(private.private_bytes_raw()), 0o600):
                public = self.folder / f"{self.name}.pub"
                public.unlink(missing_ok=True)  # of a deleted key: it would not verify new signatures
                _create(public, to_base64(private.public_key().public_bytes_raw()), 0o644)
        return path.read_text()


def to_base64(raw: bytes) -> str:
    """Raw key bytes as text, for files and environment variables."""
    return base64.b64encode(raw).decode()


def _create(path: Path, text: str, mode: int) -> bool:
    """Write the whole file or nothing; False if another process created it first, whose file stays."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            os.fchmod(file.fileno(), mode)
        os.link(temporary, path)
        return True
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
