"""From readings, labels and failures to a model with its figures, in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Ints, Labels, Words
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.models.parameters import ALGORITHMS
from pacewatch.ml.training.selection import Candidate, cross_validate, fit_candidate, select_candidate
from pacewatch.ml.training.splits import Split, grouped_folds, split_in_time
from pacewatch.ml.training.table import Table, build_table

Value = TypeVar("Value")

FOLDS = 5


class Progress(Protocol):
    """Told that a stage begins, how far along the whole is, and what the stage is about to do."""

    def __call__(self, stage: str, percent: int, message: str, /) -> None: ...


class Keep(Protocol):
    """Gives what `make` makes, or what it made for this stage when the same training was interrupted."""

    def __call__(self, stage: str, make: Callable[[], Value], /) -> Value: ...


def _silent(_stage: str, _percent: int, _message: str) -> None:
    """Report progress to nobody."""


def _forget(_stage: str, make: Callable[[], Value]) -> Value:
    """Keep nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model ready to be packed; `metrics` and `dataset` are JSON-able.

    `holdout` are the rows it was judged on: a champion is judged on the same with `champion.evaluate(holdout, ...)`.
    """

    engine: MLEngine
    metrics: dict[str, Any]
    dataset: dict[str, Any]
    holdout: Holdout


def train(
    profile: Profile,
    readings: Readings,
    labels: Labels,
    failures: Failures | tuple[Ints, Ints],
    now_s: int,
    params: Mapping[str, Any] | None = None,
    *,
    groups: Mapping[str, Words] | None = None,
    progress: Progress = _silent,
    keep: Keep = _forget,
    folds: int = FOLDS,
) -> TrainedModel:
    """Compute features, fit every candidate on the oldest span, choose on the next, judge once on the newest.

    `labels` has one entry per reading: 1 positive, 0 negative, -1 unresolved or censored (used for windows, never
    trained on). `params` are `Parameters`; without an
    `algorithm` all three compete. `groups` adds subgroups, a word per row; `folds` 0 leaves the K-fold out. `keep`
    may hold the results of stages, so that an interrupted training of the same rows and parameters goes on.
    TrainingImpossibleError says what is missing, ValueError which parameter or reading is wrong.
    """
    params = dict(params or {})
    engines = [MLEngine(profile, **params | {"algorithm": name}) for name in _algorithms(params)]
    failures = Failures(*failures)
    progress("features", 0, f"{len(labels):,} readings, {len(profile.predictors)} predictors of each")
    table = build_table(profile, readings, labels, groups or {})
    resolved = readings.keys.where(labels >= 0)
    split = split_in_time(resolved.device_ids, resolved.timestamps_s, profile.label.horizon_s, now_s)
    candidates, dropped = _fit_all(table, split, engines, failures, progress, keep)
    chosen = select_candidate(candidates).engine
    progress("kfold", 60, f"{_words(chosen)} was chosen; {folds} folds of devices it has not seen")
    kfold = keep("kfold", lambda: _cross_validated(table, split, chosen, folds))
    holdout = table.holdout(split.test)
    progress("evaluate", 85, f"{len(holdout.labels):,} rows of the newest span, which nothing has seen yet")
    judged = keep("evaluate", lambda: chosen.evaluate(holdout, failures))
    metrics = judged | _described(chosen, candidates) | {"kfold": kfold}
    progress("done", 100, f"{_words(chosen)}, ROC-AUC {metrics['roc_auc'] or 0:.3f}")
    dataset = table.described() | {"spans": split.as_dict(), "dropped_from_train": dropped, "now_s": int(now_s)}
    return TrainedModel(chosen, metrics, dataset, holdout)


def _algorithms(params: dict[str, Any]) -> Sequence[str]:
    named = params.pop("algorithm", "auto")
    return ALGORITHMS if named in ("auto", None) else (named,)


def _fit_all(
    table: Table, split: Split, engines: Sequence[MLEngine], failures: Failures, progress: Progress, keep: Keep
) -> tuple[list[Candidate], dict[str, int]]:
    """Every engine fitted and judged on validation, and what `prepare` dropped."""
    prepared, _ = table.prepared(engines[0], split.train)
    validation = table.holdout(split.validation)
    if not len(validation.labels) or not len(table.holdout(split.test).labels):
        raise TrainingImpossibleError("empty_span", "the validation or the test span has no resolved row")
    candidates = []
    positives = int((prepared.labels == 1).sum())
    seen = f"{positives:,} rows before failures, {len(prepared.labels) - positives:,} others"
    for number, engine in enumerate(engines):
        stage = f"fit {engine.parameters.algorithm}"
        progress(stage, 15 + 45 * number // len(engines), seen)
        candidate = keep(stage, partial(fit_candidate, engine, prepared, validation, failures))
        candidate.engine.bind(table.profile)  # one that was kept has no profile of its own
        candidates.append(candidate)
    return candidates, prepared.dropped


def _words(engine: MLEngine) -> str:
    return engine.parameters.algorithm.replace("_", " ")


def _cross_validated(table: Table, split: Split, engine: MLEngine, folds: int) -> dict[str, Any]:
    """K-fold over devices, on everything older than the test."""
    rows, device_ids = table.prepared(engine, split.train, split.validation)
    masks = grouped_folds(device_ids, folds, engine.parameters.random_state)
    return cross_validate(table.profile, engine.parameters.as_dict(), rows, masks)


def _described(chosen: MLEngine, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """What was chosen from what. The OOB score is the forest's, whoever was chosen: it is the baseline figure."""
    scores = (candidate.engine.oob_score for candidate in candidates)
    return {
        "algorithm": chosen.parameters.algorithm,
        "oob_score": next((score for score in scores if score is not None), None),
        "candidates": [candidate.as_dict() for candidate in candidates],
    }
