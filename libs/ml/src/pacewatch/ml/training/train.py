"""A whole training in one call: from readings, labels and failures to a model with its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Ints, Labels
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.features.register import UNKNOWN, Register
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.models.parameters import ALGORITHMS
from pacewatch.ml.training.selection import Candidate, cross_validate, fit_candidate, select_candidate
from pacewatch.ml.training.splits import Split, grouped_folds, split_in_time
from pacewatch.ml.training.table import Table, build_table

Value = TypeVar("Value")

FOLDS = 5


class ReportProgress(Protocol):
    """Called when a stage begins: its name, the progress of the whole training in percent, what the stage will do."""

    def __call__(self, stage: str, percent: int, message: str, /) -> None: ...


class Checkpoint(Protocol):
    """Returns the result of `compute`, or the stored result of this stage if the same training was interrupted."""

    def __call__(self, stage: str, compute: Callable[[], Value], /) -> Value: ...


def _ignore_progress(_stage: str, _percent: int, _message: str) -> None:
    """Report nothing."""


def _no_checkpoint(_stage: str, compute: Callable[[], Value]) -> Value:
    """Store nothing."""
    return compute()


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model ready to be packed; `metrics` and `dataset` are JSON-serialisable.

    `holdout` has the rows of its evaluation: `champion.evaluate(holdout, ...)` evaluates a champion on the same rows.
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
    register: Register = UNKNOWN,
    report_progress: ReportProgress = _ignore_progress,
    checkpoint: Checkpoint = _no_checkpoint,
    folds: int = FOLDS,
) -> TrainedModel:
    """Compute features, fit every candidate on the oldest span, choose on the next, evaluate once on the newest.

    `labels` has one entry per reading: 1 positive, 0 negative, -1 unresolved or censored (used for windows, never
    trained on). `params` are `Parameters`; without an `algorithm` all three are candidates. `register` has the
    attributes of devices: predictors and groupings; `folds` 0 leaves the K-fold out. `checkpoint` may store the results
    of stages, so that an interrupted training of the same rows and parameters continues. TrainingImpossibleError says
    what is missing, ValueError which parameter or reading is wrong.
    """
    params = dict(params or {})
    engines = [MLEngine(profile, **params | {"algorithm": name}) for name in _algorithms(params)]
    failures = Failures(*failures)
    report_progress("features", 0, f"{len(labels):,} readings, {len(profile.predictors)} predictors of each")
    table = build_table(profile, readings, labels, register)
    split = split_in_time(readings.keys.where(labels >= 0), profile.label.horizon_s, now_s)
    candidates, dropped = _fit_all(table, split, engines, failures, report_progress, checkpoint)
    chosen = select_candidate(candidates).engine
    report_progress("kfold", 60, f"chose {_algorithm_name(chosen)}; {folds} folds, tested on devices not trained on")
    kfold = checkpoint("kfold", lambda: _cross_validated(table, split, chosen, folds))
    holdout = table.holdout(split.test)
    report_progress("evaluate", 85, f"{len(holdout.labels):,} rows of the newest span, unused so far")
    figures = checkpoint("evaluate", lambda: chosen.evaluate(holdout, failures))
    metrics = figures | _describe(chosen, candidates) | {"kfold": kfold}
    report_progress("done", 100, f"{_algorithm_name(chosen)}, ROC-AUC {metrics['roc_auc'] or 0:.3f}")
    dataset = table.describe() | {"spans": split.as_dict(), "dropped_from_train": dropped, "now_s": int(now_s)}
    return TrainedModel(chosen, metrics, dataset, holdout)


def _algorithms(params: dict[str, Any]) -> Sequence[str]:
    named = params.pop("algorithm", "auto")
    return ALGORITHMS if named in ("auto", None) else (named,)


def _fit_all(
    table: Table,
    split: Split,
    engines: Sequence[MLEngine],
    failures: Failures,
    report_progress: ReportProgress,
    checkpoint: Checkpoint,
) -> tuple[list[Candidate], dict[str, int]]:
    """Every engine fitted and evaluated on validation, and how many rows `prepare` dropped, by reason."""
    prepared, _ = table.prepare(engines[0], split.train)
    validation = table.holdout(split.validation)
    if not len(validation.labels) or not len(table.holdout(split.test).labels):
        raise TrainingImpossibleError("empty_span", "the validation or the test span has no labelled row")
    candidates = []
    positives = int((prepared.labels == 1).sum())
    rows = f"{positives:,} rows before failures, {len(prepared.labels) - positives:,} others"
    for number, engine in enumerate(engines):
        stage = f"fit {engine.parameters.algorithm}"
        report_progress(stage, 15 + 45 * number // len(engines), rows)
        candidate = checkpoint(stage, partial(fit_candidate, engine, prepared, validation, failures))
        candidate.engine.bind(table.profile)  # an engine from a checkpoint has no profile
        candidates.append(candidate)
    return candidates, prepared.dropped


def _algorithm_name(engine: MLEngine) -> str:
    return engine.parameters.algorithm.replace("_", " ")


def _cross_validated(table: Table, split: Split, engine: MLEngine, folds: int) -> dict[str, Any]:
    """K-fold over devices, on all rows before the test span."""
    rows, device_ids = table.prepare(engine, split.train, split.validation)
    masks = grouped_folds(device_ids, folds, engine.parameters.random_state)
    return cross_validate(table.profile, engine.parameters.as_dict(), rows, masks)


def _describe(chosen: MLEngine, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The chosen algorithm and the candidates. The OOB score is the forest's, even if another algorithm was chosen."""
    scores = (candidate.engine.oob_score for candidate in candidates)
    return {
        "algorithm": chosen.parameters.algorithm,
        "oob_score": next((score for score in scores if score is not None), None),
        "candidates": [candidate.as_dict() for candidate in candidates],
    }
