"""What an unfinished run has finished: an interrupted one goes on from its last stage instead of from the start.

A stage's result is one file, pickled and signed. The signature covers the run, the code, every result before this one
and this one's hash: what was not written by this trainer, at this place of this very run, is thrown away unopened, and
the stage is done again. The folder lies beside the cache, so another machine that takes the run up begins anew.
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
"""What nobody took up again within a day is removed."""

Value = TypeVar("Value")

log = logs.get(__name__)


class Kept:
    """The results of one run, in the order of its stages; `origin` names the run and everything it depends on."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey, origin: str) -> None:
        self._folder, self._key = folder, key
        self._chain = hashlib.sha256(origin.encode()).digest()

    def find(self, stage: str) -> Any:
        """The result of an earlier attempt, None if there is none that can be proved."""
        try:
            stored = self._path(stage).read_bytes()
        except OSError:
            return None
        signature, content = stored[:SIGNATURE_BYTES], stored[SIGNATURE_BYTES:]
        digest = hashlib.sha256(content).digest()
        try:
            self._key.public_key().verify(signature, self._claim(stage, digest))
        except InvalidSignature:
            log.warning("kept_stage_refused", stage=stage, reason="it was changed, or belongs to other data or code")
            return None
        self._chain = self._claim(stage, digest)
        return joblib.load(io.BytesIO(content))

    def keep(self, stage: str, value: Value) -> Value:
        """`value`, which a later attempt will find. A full disk costs that, and not the run."""
        buffer = io.BytesIO()
        joblib.dump(value, buffer)
        content = buffer.getvalue()
        claim = self._claim(stage, hashlib.sha256(content).digest())
        try:
            write_whole(self._path(stage), self._key.sign(claim) + content)
        except OSError as error:
            log.warning("stage_not_kept", stage=stage, reason=str(error))
        self._chain = claim
        return value

    def clear(self) -> None:
        """The run has ended: nothing of it is needed again, nor of runs that nobody came back to."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):
            for other in self._folder.parent.iterdir():
                if time.time() - other.stat().st_mtime > LONGEST_S:
                    shutil.rmtree(other, ignore_errors=True)

    def _claim(self, stage: str, digest: bytes) -> bytes:
        return hashlib.sha256(self._chain + stage.encode() + b"\0" + digest).digest()

    def _path(self, stage: str) -> Path:
        return self._folder / f"{stage.replace(' ', '-')}.kept"
