"""Readings with their predictors and labels, and the rows of them that a span may train on or judge by."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ml.evaluation.holdout import Holdout
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix
from pacewatch.ml.features.windows import order_of
from pacewatch.ml.models.ml_engine import Labels, MLEngine, Prepared
from pacewatch.ml.training.splits import Span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.str_]

NEW_DEVICE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Every reading with its predictors and label, one entry per row, sorted by device and time."""

    profile: Profile
    device_ids: Ints
    timestamps_s: Ints
    labels: Labels
    x: Floats
    groups: dict[str, Words]

    def prepared(self, engine: MLEngine, *spans: Span) -> tuple[Prepared, Ints]:
        """What `engine` may train on inside the spans, and the devices of those rows."""
        inside = np.any([span.of(self.timestamps_s) for span in spans], axis=0)
        columns: dict[str, Any] = {name: self.x[inside, i] for i, name in enumerate(self.profile.predictors)}
        prepared = engine.prepare(columns | {self.profile.label.name: self.labels[inside]})
        return prepared, self.device_ids[inside][prepared.kept]

    def holdout(self, span: Span) -> Holdout:
        """The resolved rows of `span`, those with missing windows included: in service they are scored as well."""
        rows = span.of(self.timestamps_s) & (self.labels >= 0)
        groups = {name: words[rows] for name, words in self.groups.items()}
        return Holdout(self.device_ids[rows], self.timestamps_s[rows], self.labels[rows], self.x[rows], groups)

    def described(self) -> dict[str, Any]:
        """What a manifest says of its data, JSON-able."""
        return {
            "profile": self.profile.name,
            "rows": len(self.labels),
            "devices": len(np.unique(self.device_ids)),
            "resolved": int((self.labels >= 0).sum()),
            "positives": int((self.labels == 1).sum()),
            "from_s": int(self.timestamps_s.min()) if len(self.labels) else None,
            "to_s": int(self.timestamps_s.max()) if len(self.labels) else None,
            "sha256": self._digest(),
            "feature_set_hash": feature_set_hash(self.profile),
        }

    def _digest(self) -> str:
        """SHA-256 of the sorted readings and labels: the same in whatever order they came."""
        digest = hashlib.sha256()
        signals: list[NDArray[Any]] = [self.x[:, i] for i in range(len(self.profile.signals))]
        for column in [self.device_ids, self.timestamps_s, *signals, self.labels]:
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def tabulated(
    profile: Profile,
    device_ids: Ints,
    timestamps_s: Ints,
    signals: Mapping[str, Floats],
    labels: Labels,
    groups: Mapping[str, Words],
) -> Table:
    """The table of readings in any order. Sorted, because estimators draw rows by position: any order, same model."""
    unsorted = order_of(device_ids, timestamps_s)
    order = slice(None) if unsorted is None else unsorted
    ids, times = device_ids[order], timestamps_s[order]
    x = predictor_matrix(profile, ids, times, {name: signals[name][order] for name in profile.signal_names})
    words = {name: values[order] for name, values in groups.items()} | {"history": _history(ids, times)}
    return Table(profile, ids, times, labels[order], x, words)


def _history(device_ids: Ints, timestamps_s: Ints) -> Words:
    """A subgroup that every fleet has: how long the device has been heard of."""
    devices, device = np.unique(device_ids, return_inverse=True)
    first_s = np.full(len(devices), np.iinfo(np.int64).max)
    np.minimum.at(first_s, device, timestamps_s)
    known_days = (timestamps_s - first_s[device]) / SECONDS_PER_DAY
    return np.where(known_days < NEW_DEVICE_DAYS, f"under {NEW_DEVICE_DAYS} days", f"{NEW_DEVICE_DAYS} days or more")
