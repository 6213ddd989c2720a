"""Readings with their predictors and labels, and the rows of a span that can be trained on or evaluated."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.kit.columns.arrays import AnyArray, Bools, Floats, Ints, Labels, Words
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.holdout import Holdout
from pacewatch.ml.features.compute import feature_set_hash, predictor_matrix
from pacewatch.ml.features.history import may_have_level
from pacewatch.ml.features.register import Register
from pacewatch.ml.models.ml_engine import MLEngine, Prepared
from pacewatch.ml.training.groups import groups_of
from pacewatch.ml.training.splits import Span

NEW_DEVICE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Every reading with its predictors, label and groups, one entry per row, sorted by device and time."""

    profile: Profile
    readings: Readings
    labels: Labels
    x: Floats
    groups: dict[str, Words]
    may_alert: Bools

    def prepare(self, engine: MLEngine, span: Span) -> tuple[Prepared, Ints]:
        """The rows inside the span that `engine` can train on, and their devices."""
        inside = span.of(self.readings.timestamps_s)
        columns: dict[str, Any] = {name: self.x[inside, i] for i, name in enumerate(self.profile.predictors)}
        prepared = engine.prepare(columns | {self.profile.label.name: self.labels[inside]})
        return prepared, self.readings.device_ids[inside][prepared.kept]

    def labelled(self, span: Span) -> Bools:
        """Which rows are inside and labelled, also with missing windows: in service these are scored, too."""
        return span.of(self.readings.timestamps_s) & (self.labels >= 0)

    def positives(self, span: Span) -> int:
        """How many rows inside come before a failure."""
        return int((self.labels[span.of(self.readings.timestamps_s)] == 1).sum())

    def holdout(self, span: Span) -> Holdout:
        """The labelled rows of `span`."""
        rows = self.labelled(span)
        groups = {name: words[rows] for name, words in self.groups.items()}
        return Holdout(self.readings.keys.where(rows), self.labels[rows], self.x[rows], groups, self.may_alert[rows])

    def describe(self) -> dict[str, Any]:
        """The dataset of the manifest, JSON-serialisable."""
        times_s = self.readings.timestamps_s
        return {
            "profile": self.profile.name,
            "rows": len(self.labels),
            "devices": len(np.unique(self.readings.device_ids)),
            "resolved": int((self.labels >= 0).sum()),
            "positives": int((self.labels == 1).sum()),
            "from_s": int(times_s.min()) if len(self.labels) else None,
            "to_s": int(times_s.max()) if len(self.labels) else None,
            "sha256": self._digest(),
            "feature_set_hash": feature_set_hash(self.profile),
        }

    def _digest(self) -> str:
        """SHA-256 of all that the table follows from, sorted, so the order of the given rows does not matter."""
        digest = hashlib.sha256()
        signals, first = self.readings.signals.values(), len(self.profile.predictors)
        attributes = self.x[:, first - len(self.profile.predicting_attributes) :].T
        columns: list[AnyArray] = [self.readings.device_ids, self.readings.timestamps_s, *signals, self.labels]
        for column in (*columns, *attributes):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()


def build_table(profile: Profile, readings: Readings, labels: Labels, register: Register) -> Table:
    """The table of readings in any order, sorted: estimators draw rows by position, so any order gives one model."""
    readings = replace(readings, signals={name: readings.signals[name] for name in profile.signal_names})
    unsorted = readings.order()
    order = slice(None) if unsorted is None else unsorted
    readings = readings.where(order)
    groups = groups_of(profile, register, readings) | {"history": _history(readings)}
    x = predictor_matrix(profile, readings, register=register)
    may_alert = may_have_level(profile, readings, np.arange(len(readings)), x)
    return Table(profile, readings, labels[order], x, groups, may_alert)


def _history(readings: Readings) -> Words:
    """A grouping that every fleet has: how long the device has been sending readings."""
    devices, device = np.unique(readings.device_ids, return_inverse=True)
    first_s = np.full(len(devices), np.iinfo(np.int64).max)
    np.minimum.at(first_s, device, readings.timestamps_s)
    history_days = (readings.timestamps_s - first_s[device]) / SECONDS_PER_DAY
    return np.where(history_days < NEW_DEVICE_DAYS, f"under {NEW_DEVICE_DAYS} days", f"{NEW_DEVICE_DAYS} days or more")
