"""Checkpoints: the results of finished stages, from which an interrupted run continues.

A checkpoint is one file, pickled and signed. The signature covers the run, the code, every checkpoint before this one
and its own hash. A file that this trainer did not write at this stage of this run is not opened, and the stage runs
again. The folder is next to the cache, so another machine that claims the run starts from the beginning.
"""

import hashlib
import io
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import joblib
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pacewatch.kit import logs
from pacewatch.kit.files import write_whole

SIGNATURE_BYTES: Final = 64
LONGEST_S: Final = 86_400
"""Older checkpoints of runs that did not end are removed."""

Value = TypeVar("Value")

log = logs.get(__name__)


class Checkpoints:
    """Those of one run, in the order of its stages; `origin` names the run and everything that results depend on."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, origin: str) -> None:
        self._folder, self._key = folder, key
        self._chain = hashlib.sha256(origin.encode()).digest()

    def find(self, stage: str) -> Any:
        """The result of an earlier attempt, None without one whose signature is valid."""
        try:
            stored = self._path(stage).read_bytes()
        except OSError:
            return None
        signature, content = stored[:SIGNATURE_BYTES], stored[SIGNATURE_BYTES:]
        digest = hashlib.sha256(content).digest()
        try:
            self._key.public_key().verify(signature, self._signed_content(stage, digest))
        except InvalidSignature:
            log.warning("checkpoint_refused", stage=stage, reason="it was changed, or belongs to other data or code")
            return None
        try:
            value = joblib.load(io.BytesIO(content))
        except (ImportError, AttributeError) as error:  # written before its classes were moved or renamed
            log.warning("checkpoint_refused", stage=stage, reason=str(error))
            return None
        self._chain = self._signed_content(stage, digest)
        return value

    def save(self, stage: str, value: Value) -> Value:
        """Store `value` for a later attempt, and return it. If it cannot be stored, the run continues without."""
        buffer = io.BytesIO()
        joblib.dump(value, buffer)
        content = buffer.getvalue()
        signed_content = self._signed_content(stage, hashlib.sha256(content).digest())
        try:
            write_whole(self._path(stage), self._key.sign(signed_content) + content)
        except OSError as error:
            log.warning("checkpoint_not_saved", stage=stage, reason=str(error))
        self._chain = signed_content
        return value

    def clear(self) -> None:
        """Remove the checkpoints of this run, which has ended, and of runs that were abandoned a day ago."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):
            for other in self._folder.parent.iterdir():
                if time.time() - other.stat().st_mtime > LONGEST_S:
                    shutil.rmtree(other, ignore_errors=True)

    def _signed_content(self, stage: str, digest: bytes) -> bytes:
        return hashlib.sha256(self._chain + stage.encode() + b"\0" + digest).digest()

    def _path(self, stage: str) -> Path:
        return self._folder / f"{stage.replace(' ', '-')}.checkpoint"
