"""Ed25519 signing keys: one pair for tokens, one for model artifacts.

From the environment where somebody manages secrets; otherwise made on first use in the secrets folder, readable by the
owner alone, so that there is never a default key and processes of one machine agree without being told.
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
    """A short name for a key, derived from it: which of several keys a signature is by."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the key pair called `name` comes from; `private_text` and `public_text` are base64 of 32 raw bytes."""

    name: str
    private_text: str
    public_text: str
    folder: Path

    def private(self) -> Ed25519PrivateKey:
        """The signing key; made in the folder if there is none anywhere."""
        text = self.private_text or self._stored()
        return Ed25519PrivateKey.from_private_bytes(self._raw(text, "private"))

    def public(self) -> Ed25519PublicKey:
        """The verifying key: given alone to services that only verify, else derived from the private one."""
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
                f"the {self.name} {half} key must be base64 of 32 bytes; `pacewatch keys` makes one"
            )
        return raw

    def _stored(self) -> str:
        path = self.folder / f"{self.name}.key"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            private = Ed25519PrivateKey.generate()
            if _create(path, to_base64(private.private_bytes_raw()), 0o600):
                public = self.folder / f"{self.name}.pub"
                public.unlink(missing_ok=True)  # of a key that was thrown away: nothing new would pass it
                _create(public, to_base64(private.public_key().public_bytes_raw()), 0o644)
        return path.read_text()


def to_base64(raw: bytes) -> str:
    """Raw key bytes as they are written in files and variables."""
    return base64.b64encode(raw).decode()


def _create(path: Path, text: str, mode: int) -> bool:
    """Write the whole file or nothing; False if somebody else was first, whose file then counts."""
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
