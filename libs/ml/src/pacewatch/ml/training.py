"""From readings, labels and failures to a model with its figures, in one call."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.features import feature_set_hash, predictor_matrix
from pacewatch.ml.holdout import Failures, Holdout
from pacewatch.ml.ml_engine import MLEngine, Prepared
from pacewatch.ml.parameters import ALGORITHMS
from pacewatch.ml.selection import Candidate, cross_validate, fit_candidate, select_candidate
from pacewatch.ml.splits import Span, Split, grouped_folds, split_in_time

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = NDArray[np.int8]
Progress = Callable[[str, int], None]

FOLDS = 5
NEW_DEVICE_DAYS = 60


def _silent(_stage: str, _percent: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model ready to be packed; `metrics` and `dataset` are JSON-able."""

    engine: MLEngine
    metrics: dict[str, Any]
    dataset: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Every reading with its predictors and label, one entry per row, sorted by device and time."""

    profile: Profile
    device_ids: Ints
    timestamps_s: Ints
    labels: Labels
    x: Floats
    groups: dict[str, NDArray[np.str_]]

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


def train(
    profile: Profile,
    device_ids: Ints,
    timestamps_s: Ints,
    signals: Mapping[str, Floats],
    labels: Labels,
    failures: Failures | tuple[Ints, Ints],
    now_s: int,
    params: Mapping[str, Any] | None = None,
    *,
    groups: Mapping[str, NDArray[np.str_]] | None = None,
    progress: Progress = _silent,
    folds: int = FOLDS,
) -> TrainedModel:
    """Compute features, fit every candidate on the oldest span, choose on the next, judge once on the newest.

    One entry per reading in `device_ids`, `timestamps_s` (Unix seconds), each of `signals` and `labels`: 1 positive,
    0 negative, -1 unresolved or censored (used for windows, never trained on). `params` are `Parameters`; without an
    `algorithm` all three compete. `groups` adds subgroups, a word per row; `folds` 0 leaves the K-fold out.
    TrainingImpossibleError says what is missing, ValueError which parameter or reading is wrong.
    """
    params = dict(params or {})
    engines = [MLEngine(profile, **params | {"algorithm": name}) for name in _algorithms(params)]
    failures = Failures(*failures)
    progress("features", 0)
    order = np.lexsort((timestamps_s, device_ids))  # estimators draw rows by position: the same model in any row order
    device_ids, timestamps_s, labels = device_ids[order], timestamps_s[order], labels[order]
    signals = {name: signals[name][order] for name in profile.signal_names}
    words = {name: values[order] for name, values in (groups or {}).items()}
    x = predictor_matrix(profile, device_ids, timestamps_s, signals)
    words["history"] = _history(device_ids, timestamps_s)
    table = Table(profile, device_ids, timestamps_s, labels, x, words)
    split = split_in_time(timestamps_s[labels >= 0], profile.label.horizon_s, now_s)
    candidates, dropped = _fit_all(table, split, engines, failures, progress)
    chosen = select_candidate(candidates)
    progress("kfold", 60)
    kfold = _cross_validated(table, split, chosen.engine, folds)
    progress("evaluate", 85)
    metrics = chosen.engine.evaluate(table.holdout(split.test), failures) | {
        "oob_score": _oob_score(candidates),
        "kfold": kfold,
        "candidates": [candidate.as_dict() for candidate in candidates],
        "algorithm": chosen.engine.parameters.algorithm,
    }
    progress("done", 100)
    return TrainedModel(chosen.engine, metrics, _described(table, signals, split, dropped) | {"now_s": int(now_s)})


def _algorithms(params: dict[str, Any]) -> Sequence[str]:
    named = params.pop("algorithm", "auto")
    return ALGORITHMS if named in ("auto", None) else (named,)


def _fit_all(
    table: Table, split: Split, engines: Sequence[MLEngine], failures: Failures, progress: Progress
) -> tuple[list[Candidate], dict[str, int]]:
    """Every engine fitted and judged on validation, and what `prepare` dropped."""
    prepared, _ = table.prepared(engines[0], split.train)
    validation = table.holdout(split.validation)
    if not len(validation.labels) or not len(table.holdout(split.test).labels):
        raise TrainingImpossibleError("empty_span", "the validation or the test span has no resolved row")
    candidates = []
    for number, engine in enumerate(engines):
        progress(f"fit {engine.parameters.algorithm}", 15 + 45 * number // len(engines))
        candidates.append(fit_candidate(engine, prepared, validation, failures))
    return candidates, prepared.dropped


def _cross_validated(table: Table, split: Split, engine: MLEngine, folds: int) -> dict[str, Any]:
    """K-fold over devices, on everything older than the test."""
    rows, device_ids = table.prepared(engine, split.train, split.validation)
    masks = grouped_folds(device_ids, folds, engine.parameters.random_state)
    return cross_validate(table.profile, engine.parameters.as_dict(), rows, masks)


def _oob_score(candidates: Sequence[Candidate]) -> float | None:
    """The forest's, whoever was chosen: it is the baseline figure."""
    return next((c.engine.oob_score for c in candidates if c.engine.oob_score is not None), None)


def _history(device_ids: Ints, timestamps_s: Ints) -> NDArray[np.str_]:
    """A subgroup that every fleet has: how long the device has been heard of."""
    devices, device = np.unique(device_ids, return_inverse=True)
    first_s = np.full(len(devices), np.iinfo(np.int64).max)
    np.minimum.at(first_s, device, timestamps_s)
    known_days = (timestamps_s - first_s[device]) / SECONDS_PER_DAY
    return np.where(known_days < NEW_DEVICE_DAYS, f"under {NEW_DEVICE_DAYS} days", f"{NEW_DEVICE_DAYS} days or more")


def _described(table: Table, signals: Mapping[str, Floats], split: Split, dropped: dict[str, int]) -> dict[str, Any]:
    spans = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        "profile": table.profile.name,
        "rows": len(table.labels),
        "devices": len(np.unique(table.device_ids)),
        "resolved": int((table.labels >= 0).sum()),
        "positives": int((table.labels == 1).sum()),
        "from_s": int(table.timestamps_s.min()),
        "to_s": int(table.timestamps_s.max()),
        "spans": {name: {"from_s": span.from_s, "to_s": span.to_s} for name, span in spans.items()},
        "dropped_from_train": dropped,
        "sha256": _digest(table, signals),
        "feature_set_hash": feature_set_hash(table.profile),
    }


def _digest(table: Table, signals: Mapping[str, Floats]) -> str:
    """SHA-256 of the readings and labels, which `train` has sorted."""
    digest = hashlib.sha256()
    readings: list[NDArray[Any]] = [signals[name] for name in table.profile.signal_names]
    for column in [table.device_ids, table.timestamps_s, *readings, table.labels]:
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
