"""A fitted engine as bytes and back. Opening runs code that the bytes name: verify them first, as `artifact` does."""

import io
import sys
import zipfile

import joblib

from pacewatch.contracts.profile import Profile
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.models import calibration, ml_engine, parameters
from pacewatch.ml.models.ml_engine import MLEngine

# Modules under the names they had before they moved into packages: older artifacts of 0.1.0 were pickled with these.
MOVED = {
    "pacewatch.ml.ml_engine": ml_engine,
    "pacewatch.ml.parameters": parameters,
    "pacewatch.ml.calibration": calibration,
}


ENGINE, TREES = "engine.joblib", "trees.ubj"
ZIP = b"PK\x03\x04"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # of every entry: a date of today would give other bytes tomorrow


def save(engine: MLEngine) -> bytes:
    """The fitted engine as joblib bytes, without its profile; the same engine gives the same bytes.

    Trees with a format of their own are beside the engine, in a ZIP archive of both, and not pickled.
    """
    pickled, trees = engine.apart()
    buffer = io.BytesIO()
    joblib.dump(pickled, buffer, compress=("zlib", 3))
    return buffer.getvalue() if trees is None else _archive({ENGINE: buffer.getvalue(), TREES: trees})


def load(content: bytes, profile: Profile) -> MLEngine:
    """The engine that `save` stored, ready to score; ArtifactRefusedError `not_an_engine` if it is something else."""
    sys.modules |= {name: module for name, module in MOVED.items() if name not in sys.modules}
    parts = _parts(content)
    engine = joblib.load(io.BytesIO(parts[ENGINE]))
    if not isinstance(engine, MLEngine):
        raise ArtifactRefusedError("not_an_engine", f"the artifact holds a {type(engine).__name__}")
    if TREES in parts:
        engine.adopt(parts[TREES])
    return engine.bind(profile)


def _archive(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    if not content.startswith(ZIP):
        return {ENGINE: content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
