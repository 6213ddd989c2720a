"""Our artifact as an MLflow model with a signature, and how MLflow loads it.

The files are the artifact with its signed manifest. Loading verifies both, with the keys that this platform trusts,
before anything is unpickled: who can write to the tracking server cannot run code where its models are loaded.
"""

import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from pacewatch.contracts.profiles import by_name
from pacewatch.kit.columns.arrays import Floats
from pacewatch.kit.settings import KitSettings, load
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.models.ml_engine import MLEngine

FOLDER: Final = "model"
_DATA: Final = "data"


def model_files(manifest: Manifest, signature: str, content: bytes, run_id: str) -> dict[str, bytes]:
    """The files of the model below `model/`, by path. `MLmodel` is YAML, of which JSON is a part."""
    libraries = [f"{name}=={version}" for name, version in manifest.libraries.items()]
    requirements = [f"pacewatch-trainer-agent=={metadata.version('pacewatch-trainer-agent')}", *libraries]
    flavor = {
        "loader_module": __name__,
        "data": _DATA,
        "python_version": platform.python_version(),
        "env": {"virtualenv": "python_env.yaml"},
    }
    inputs = [{"type": "double", "name": name, "required": False} for name in manifest.features]
    described = {
        "artifact_path": FOLDER,
        "flavors": {"python_function": flavor},
        "run_id": run_id,
        "utc_time_created": f"{manifest.created_at:%Y-%m-%d %H:%M:%S}",
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps([{"type": "double", "name": "risk"}])},
        "metadata": {"version": manifest.version, "threshold": manifest.threshold, "profile": manifest.profile},
    }
    environment = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    files = {
        "MLmodel": json.dumps(described, indent=1).encode(),
        "python_env.yaml": json.dumps(environment).encode(),
        "requirements.txt": "\n".join(requirements).encode(),
        f"{_DATA}/model.joblib": content,
        f"{_DATA}/manifest.json": manifest.canonical_json().encode(),
        f"{_DATA}/signature": signature.encode(),
    }
    return {f"{FOLDER}/{name}": part for name, part in files.items()}


class RiskModel:
    """What MLflow calls: a table of predictors in, the risk of each row out."""

    def __init__(self, engine: MLEngine) -> None:
        self.engine = engine

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """A column `risk`, 0 to 1, with a row for each row; a predictor may be missing (NaN)."""
        x: Floats = model_input[list(self.engine.profile.predictors)].to_numpy(dtype=np.float64)
        return pd.DataFrame({"risk": self.engine.predict_proba(x)})


def _load_pyfunc(path: str) -> RiskModel:
    """Called by MLflow; ArtifactRefusedError for an artifact that is not signed by a trusted key."""
    folder = Path(path)
    manifest_json, signature = (folder / "manifest.json").read_text(), (folder / "signature").read_text()
    keys = load(KitSettings).artifact_keys().public_keys()
    profile = by_name(str(json.loads(manifest_json).get("profile", "")))
    engine, _ = artifact.unpack((folder / "model.joblib").read_bytes(), manifest_json, signature, keys, profile)
    return RiskModel(engine)
