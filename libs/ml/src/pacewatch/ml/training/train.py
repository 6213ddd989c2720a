"""A whole training in one call: from readings, labels and failures to a model with its figures.

The figures are of the procedure, on rows that no fit and no choice had seen (origins). The model itself learned from
everything settled, with the algorithm, calibration and threshold that the pool of all origins chooses.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pacewatch.contracts.profile import Profile
from pacewatch.kit.columns.arrays import Floats, Ints, Labels
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.evaluation.budget import trade_off
from pacewatch.ml.evaluation.evaluate import evaluate
from pacewatch.ml.evaluation.holdout import Failures, Holdout
from pacewatch.ml.features.register import UNKNOWN, Register
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.models.parameters import ALGORITHMS
from pacewatch.ml.training.folds import cross_validate
from pacewatch.ml.training.origins import learnable, learned_from, predict_origins
from pacewatch.ml.training.pool import Choice, Judged, Pool, by_origin, choose, judge
from pacewatch.ml.training.progress import Checkpoint, ReportProgress, ignore_progress, no_checkpoint
from pacewatch.ml.training.splits import Rolling, rolling_origins
from pacewatch.ml.training.table import Table, build_table

FOLDS = 5
PROCEDURE = (
    "Figures are of the procedure, on rows out of time: at each origin, what older origins had chosen. The model "
    "learned from all settled rows; algorithm, calibration and threshold are carried over from the pool of all origins."
)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model ready to be packed; `metrics` and `dataset` are JSON-serialisable.

    `holdout` has the judged rows, `risk` the risk that each was given out of time: a champion is compared on those of
    them that it has not learned from either.
    """

    engine: MLEngine
    metrics: dict[str, Any]
    dataset: dict[str, Any]
    holdout: Holdout
    risk: Floats


def train(
    profile: Profile,
    readings: Readings,
    labels: Labels,
    failures: Failures | tuple[Ints, Ints],
    now_s: int,
    params: Mapping[str, Any] | None = None,
    *,
    register: Register = UNKNOWN,
    report_progress: ReportProgress = ignore_progress,
    checkpoint: Checkpoint = no_checkpoint,
    folds: int = FOLDS,
) -> TrainedModel:
    """Compute features, predict from every origin, judge, choose, and fit the chosen algorithm on everything settled.

    `labels` has one entry per reading: 1 positive, 0 negative, -1 unresolved or censored (used for windows, never
    trained on). `params` are `Parameters`; without an `algorithm` all are candidates. `register` has the attributes of
    devices: predictors and groupings; `folds` 0 leaves the K-fold out. `checkpoint` may store results of stages, so
    that an interrupted training continues. TrainingImpossibleError says what is missing, ValueError what is wrong.
    """
    engines = _engines(profile, dict(params or {}))
    given = Failures(*failures)
    failures = given.one_in_each_horizon(profile.label.horizon_s)
    report_progress("features", 0, f"{len(labels):,} readings, {len(profile.predictors)} predictors of each")
    table = build_table(profile, readings, labels, register)
    labelled = readings.keys.where(labels >= 0)
    rolling = learnable(table, rolling_origins(labelled, profile.label.horizon_s, now_s))
    pool, oob_score = predict_origins(table, rolling, list(engines.values()), report_progress, checkpoint)
    choice = choose(profile, pool, failures)
    engine, kfold, learned = _final(table, rolling, engines, choice, folds, report_progress, checkpoint)
    holdout = table.holdout(rolling.judged)
    report_progress("evaluate", 85, f"{len(holdout.labels):,} rows behind {len(rolling.origins)} origins")
    judged = judge(profile, pool, rolling, failures)
    figures = checkpoint("evaluate", lambda: evaluate(profile, holdout, judged.risk, judged.threshold, failures))
    metrics = figures | _describe(profile, pool, rolling, judged, choice, failures)
    metrics |= {"kfold": kfold, "oob_score": engine.oob_score or oob_score, "final_rows": learned["final_rows"]}
    report_progress("done", 100, f"{_words(engine)}, ROC-AUC {metrics['roc_auc'] or 0:.3f}")
    dataset = table.describe() | {"spans": rolling.as_dict(), "now_s": int(now_s)} | learned | _merged(given, failures)
    return TrainedModel(engine, metrics, dataset, holdout, judged.risk)


def _merged(given: Failures, counted: Failures) -> dict[str, int]:
    """How many failures were given, and how many of them are the same event as another."""
    total = len(given.device_ids)
    return {"failures_given": total, "failures_merged": total - len(counted.device_ids)}


def _engines(profile: Profile, params: dict[str, Any]) -> dict[str, MLEngine]:
    named = params.pop("algorithm", "auto")
    names = ALGORITHMS if named in ("auto", None) else (named,)
    return {name: MLEngine(profile, **params | {"algorithm": name}) for name in names}


def _final(
    table: Table,
    rolling: Rolling,
    engines: Mapping[str, MLEngine],
    choice: Choice,
    folds: int,
    report_progress: ReportProgress,
    checkpoint: Checkpoint,
) -> tuple[MLEngine, dict[str, Any], dict[str, Any]]:
    """The model, its K-fold over devices, and what it learned from."""
    engine = engines[choice.algorithm]
    prepared, device_ids = table.prepare(engine, rolling.settled)
    report_progress("fit final", 66, f"{_words(engine)} on everything settled: {learned_from(prepared)}")
    engine = checkpoint("fit final", lambda: engine.fit(prepared.x, prepared.labels))
    engine.bind(table.profile)  # an engine from a checkpoint has no profile
    engine.carry_over(choice.scaling)
    engine.threshold, engine.elevated_threshold = choice.threshold, choice.elevated
    report_progress("kfold", 72, f"{folds} folds of {_words(engine)}, tested on devices not trained on")
    parameters = engine.parameters.as_dict()
    kfold = checkpoint("kfold", lambda: cross_validate(table.profile, parameters, prepared, device_ids, folds))
    return engine, kfold, {"final_rows": len(prepared.labels), "dropped_from_train": prepared.dropped}


def _words(engine: MLEngine) -> str:
    return engine.parameters.algorithm.replace("_", " ")


def _describe(
    profile: Profile,
    pool: Pool,
    rolling: Rolling,
    judged: Judged,
    choice: Choice,
    failures: Failures,
) -> dict[str, Any]:
    """What was judged and by what, what was chosen, and what the model carries over."""
    origins = by_origin(profile, pool, rolling, judged.choices, failures)
    risk = choice.scaling.risk(pool.log_odds[choice.algorithm])
    return {
        "algorithm": choice.algorithm,
        "threshold": choice.threshold,
        "candidates": [one.as_dict() for one in choice.candidates],
        "budgets": trade_off(pool.rows, risk, profile.daily_alert_budget, failures, profile.label.horizon_s),
        "origins": origins,
        "judged_by": judged.by,
        "procedure": PROCEDURE,
        "carried_over": asdict(choice.scaling) | {"threshold": choice.threshold, "origins": len(origins)},
    }
