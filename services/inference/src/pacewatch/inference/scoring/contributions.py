"""Reasons as they are stored, and in words again for whoever reads one.

One array of doubles a score: for each reason the predictor's place in the feature set, its value (NaN: missing) and
what it contributed. In words a score's reasons are five times as long, and of a thousand scores few are read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.models.factors import Factor, TopContributions, to_factors

PARTS = 3

# The names of a feature set that is not this deployment's any more are in the manifest of the model that used it.
FOREIGN = """
    CASE WHEN p.feature_hash <> {hash} THEN (
        SELECT artifact ->> 'manifest_json' FROM inference.models AS m WHERE m.version = p.model_version LIMIT 1
    ) END AS foreign_manifest"""


def packed(reasons: TopContributions) -> Floats:
    """As stored: shape (rows, PARTS * k)."""
    parts = [reasons.predictors.astype(np.float64), reasons.values, reasons.contributions]
    return np.stack(parts, axis=2).reshape(len(reasons.values), -1)


def factors(profile: Profile, row: Mapping[str, Any]) -> Sequence[Factor]:
    """The factors of a stored score: its `reasons`, and its `foreign_manifest` if it has one."""
    parts = np.array(row["reasons"] or [], dtype=np.float64).reshape(-1, PARTS)
    reasons = TopContributions(parts[None, :, 0].astype(np.int64), parts[None, :, 1], parts[None, :, 2])
    manifest = row["foreign_manifest"]
    return to_factors(profile, reasons, _features(manifest) if manifest else ())[0]


@lru_cache(maxsize=8)
def _features(manifest: str) -> Sequence[str]:
    """Of a page of old scores all have the same."""
    names: Sequence[str] = json.loads(manifest)["features"]
    return names
