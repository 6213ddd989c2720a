"""A fitted engine as bytes and back. Opening runs code that the bytes name: verify them first, as `artifact` does."""

import io
import sys

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


def save(engine: MLEngine) -> bytes:
    """The fitted engine as joblib bytes, without its profile; the same engine gives the same bytes."""
    buffer = io.BytesIO()
    joblib.dump(engine, buffer, compress=("zlib", 3))
    return buffer.getvalue()


def load(content: bytes, profile: Profile) -> MLEngine:
    """The engine that `save` stored, ready to score; ArtifactRefusedError `not_an_engine` if it is something else."""
    sys.modules |= {name: module for name, module in MOVED.items() if name not in sys.modules}
    engine = joblib.load(io.BytesIO(content))
    if not isinstance(engine, MLEngine):
        raise ArtifactRefusedError("not_an_engine", f"the artifact holds a {type(engine).__name__}")
    return engine.bind(profile)
