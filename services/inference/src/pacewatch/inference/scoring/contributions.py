"""Contributions as they are stored, and as factors for people who read a score.

A score stores one array of doubles: for each of its largest contributions the predictor's position in the feature set,
the predictor's value (NaN: missing) and the contribution. In words that is five times as long, and of a thousand scores
few are read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.models.factors import Factor, TopContributions, to_factors

NUMBERS = 3
"""Numbers stored for each contribution."""

# A score of another feature set than this deployment's: its predictors are named in the manifest of its model.
FOREIGN_MANIFEST = """
    CASE WHEN p.feature_hash <> {hash} THEN (
        SELECT artifact ->> 'manifest_json' FROM inference.models AS m WHERE m.version = p.model_version LIMIT 1
    ) END AS foreign_manifest"""


def to_stored(contributions: TopContributions) -> Floats:
    """The arrays to store: shape (rows, NUMBERS * k)."""
    columns = [contributions.predictors.astype(np.float64), contributions.values, contributions.contributions]
    return np.stack(columns, axis=2).reshape(len(contributions.values), -1)


def factors_of(profile: Profile, row: Mapping[str, Any]) -> Sequence[Factor]:
    """The factors of a stored score, from its columns `reasons` and `foreign_manifest`."""
    numbers = np.array(row["reasons"] or [], dtype=np.float64).reshape(-1, NUMBERS)
    contributions = TopContributions(numbers[None, :, 0].astype(np.int64), numbers[None, :, 1], numbers[None, :, 2])
    manifest = row["foreign_manifest"]
    return to_factors(profile, contributions, _predictor_names(manifest) if manifest else ())[0]


@lru_cache(maxsize=8)
def _predictor_names(manifest: str) -> Sequence[str]:
    """Cached: the scores on one page usually have the same manifest."""
    names: Sequence[str] = json.loads(manifest)["features"]
    return names
