"""What an artifact says of itself: the words that are signed."""

import importlib.metadata
import json
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

LIBRARIES = ("numpy", "scikit-learn", "scipy", "joblib")
"""Libraries whose version decides what a pickled model means: opened only with the same ones."""


class Manifest(BaseModel):
    """Everything needed to know a model without opening it; `sha256` is of the artifact's bytes."""

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
        """One spelling for one content: sorted keys, no spaces, ASCII. This is what is signed and stored."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)


def version_stamp(at: datetime) -> str:
    """A model's version from the moment of its training: YYYYMMDDTHHMMSSZ. ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a version needs a time with a time zone")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def library_versions() -> dict[str, str]:
    """The versions that run here."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}
