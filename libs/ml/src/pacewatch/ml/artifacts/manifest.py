"""The manifest: the signed description of an artifact."""

import importlib.metadata
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

LIBRARIES = ("numpy", "scikit-learn", "scipy", "joblib")
"""A pickled model may behave differently with other versions of these libraries, so it is opened with the same only."""

OF_ALGORITHM = {"xgboost": ("xgboost-cpu",)}
"""Libraries that matter to the models of one algorithm only."""


class Manifest(BaseModel):
    """All that is known about a model without opening it; `sha256` is the hash of the artifact's bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: str
    profile: str
    algorithm: str
    features: tuple[str, ...]
    feature_set_hash: str
    libraries: dict[str, str]
    dataset: dict[str, Any]
    metrics: dict[str, Any]
    parameters: dict[str, Any]
    threshold: float
    run_id: str
    commit: str
    sha256: str
    created_at: datetime

    def canonical_json(self) -> str:
        """The JSON that is signed and stored: sorted keys, no spaces, ASCII, so equal content gives equal bytes."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)


def version_stamp(at: datetime) -> str:
    """The version of a model, from its training time: YYYYMMDDTHHMMSSZ. ValueError for a time without a time zone."""
    if at.tzinfo is None:
        raise ValueError("a version needs a time with a time zone")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def library_versions(algorithm: str) -> dict[str, str]:
    """The versions installed here of what a model of this algorithm needs."""
    return {name: importlib.metadata.version(name) for name in (*LIBRARIES, *OF_ALGORITHM.get(algorithm, ()))}


def all_library_versions() -> dict[str, str]:
    """The versions installed here of what any model needs."""
    return {name: version for algorithm in OF_ALGORITHM for name, version in library_versions(algorithm).items()}
