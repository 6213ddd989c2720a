"""Facts as they are stored, and as factors for people who read a score.

A score stores one array of doubles: the age of its baselines in days, then for each group of predictors the sum of its
contributions, the position of the predictor that tells most in the feature set (-1: nothing stands out), its value and
the baseline (NaN: none). In words that is five times as long, and of a thousand scores few are read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import isnan
from typing import Any

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.models.factors import Factor, text_of, to_factors
from pacewatch.ml.models.facts import Facts, group_names

NUMBERS = 4
"""Numbers stored for each group."""

# A score of another feature set than this deployment's: its predictors are named in the manifest of its model.
FOREIGN_MANIFEST = """
    CASE WHEN p.feature_hash <> {hash} THEN (
        SELECT artifact ->> 'manifest_json' FROM inference.models AS m WHERE m.version = p.model_version LIMIT 1
    ) END AS foreign_manifest"""


def to_stored(facts: Facts) -> Floats:
    """The arrays to store: shape (rows, 1 + NUMBERS * groups)."""
    columns = [facts.sums, facts.predictors.astype(np.float64), facts.values, facts.baselines]
    groups = np.stack(columns, axis=2).reshape(len(facts.days), -1)
    return np.concatenate([facts.days[:, None], groups], axis=1)


def factors_of(profile: Profile, row: Mapping[str, Any]) -> Sequence[Factor]:
    """What stands out in a stored score, from its columns `facts`, `reasons` and `foreign_manifest`."""
    names = _predictor_names(row["foreign_manifest"]) if row["foreign_manifest"] else profile.predictors
    if row["facts"] is None:
        return _of_earlier_release(profile, names, row["reasons"] or [])
    return to_factors(profile, _facts(row["facts"]), names)[0]


def sums_of(profile: Profile, row: Mapping[str, Any]) -> dict[str, float]:
    """What each signal, and the rest, added to the raw score; empty for a score of an earlier release."""
    if row["facts"] is None:
        return {}
    return dict(zip(group_names(profile), _facts(row["facts"]).sums[0].tolist(), strict=False))


def _facts(stored: Sequence[float]) -> Facts:
    groups = np.array(stored[1:], dtype=np.float64).reshape(1, -1, NUMBERS)
    sums, predictors, values, baselines = np.moveaxis(groups, 2, 0)
    return Facts(sums, predictors.astype(np.int64), values, baselines, np.array(stored[:1]))


def _of_earlier_release(profile: Profile, names: Sequence[str], stored: Sequence[float]) -> list[Factor]:
    """The three largest contributions of single predictors: position, value (NaN: missing), contribution of each."""
    factors = []
    for place, value, size in np.array(stored, dtype=np.float64).reshape(-1, 3).tolist():
        name, missing = names[int(place)], isnan(value)
        text = text_of(profile, name, value, effect="raises" if size > 0 else "lowers")
        factors.append(Factor(name, None if missing else value, size, text))
    return factors


@lru_cache(maxsize=8)
def _predictor_names(manifest: str) -> Sequence[str]:
    """Cached: the scores on one page usually have the same manifest."""
    names: Sequence[str] = json.loads(manifest)["features"]
    return names
