"""Ed25519 signing keys: one pair for tokens, one for model artifacts.

Keys come from the environment where a secret manager provides them. Otherwise the first process creates them in the
secrets folder, readable by the owner only: there is no default key, and all processes of a machine use the same one.

One private key signs and any number of public keys verify, so that a key can be replaced without a refused request:
trust old and new, sign with the new one, trust the new one alone.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.files import create_once


def key_id(public: Ed25519PublicKey) -> str:
    """A short id derived from a key; it says which of several keys made a signature."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys `name` come from: `private_text` is base64 of 32 raw bytes, `public_text` any number of those.

    Public keys are separated by commas or white space, in the setting and in the file NAME.pub of the folder.
    """

    name: str
    private_text: str
    public_text: str
    folder: Path

    def private(self) -> Ed25519PrivateKey:
        """The signing key; created in the folder if there is none.

        ConfigurationError if it is not one of a pair: nobody would accept what it signs.
        """
        key = self._private()
        trusted = [key_id(public) for public in self._published()]
        if trusted and key_id(key.public_key()) not in trusted:
            raise ConfigurationError(
                f"the {self.name} private key is {key_id(key.public_key())}, and the {self.name} public keys are "
                f"{', '.join(trusted)}: add its public half to them, or set the other half of one of them"
            )
        return key

    def public_keys(self) -> tuple[Ed25519PublicKey, ...]:
        """The verifying keys: from the setting or the folder, else derived from the private key."""
        return self._published() or (self._private().public_key(),)

    def ids(self) -> tuple[list[str], str]:
        """The ids of the verifying keys and of the signing one, empty where there is none; creates no key."""
        has_private = bool(self.private_text) or (self.folder / f"{self.name}.key").exists()
        signing = key_id(self._private().public_key()) if has_private else ""
        return [key_id(public) for public in self._published()] or [signing] * has_private, signing

    def _private(self) -> Ed25519PrivateKey:
        text = self.private_text or self._read_or_create()
        return Ed25519PrivateKey.from_private_bytes(self._raw(text, "private"))

    def _published(self) -> tuple[Ed25519PublicKey, ...]:
        text, file = self.public_text, self.folder / f"{self.name}.pub"
        if not text and not self.private_text and file.exists():
            text = file.read_text()
        return tuple(
            Ed25519PublicKey.from_public_bytes(self._raw(one, "public")) for one in text.replace(",", " ").split()
        )

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
            private = Ed25519PrivateKey.generate()
            if create_once(path, to_base64(private.private_bytes_raw()), 0o600):
                public = self.folder / f"{self.name}.pub"
                public.unlink(missing_ok=True)  # of a deleted key: it would not verify new signatures
                create_once(public, to_base64(private.public_key().public_bytes_raw()), 0o644)
        return path.read_text()


def to_base64(raw: bytes) -> str:
    """Raw key bytes as text, for files and environment variables."""
    return base64.b64encode(raw).decode()
