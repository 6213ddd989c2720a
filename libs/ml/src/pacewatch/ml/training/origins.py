"""Fits every algorithm at every origin, and pools what each predicts of the span behind its origin."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.models.calibration import FEWEST_POSITIVES
from pacewatch.ml.models.ml_engine import MLEngine, Prepared
from pacewatch.ml.training.pool import Pool
from pacewatch.ml.training.progress import Checkpoint, ReportProgress
from pacewatch.ml.training.splits import Rolling
from pacewatch.ml.training.table import Table

FROM_PERCENT, TO_PERCENT = 10, 65


class Predicted(NamedTuple):
    """Log-odds of the rows behind an origin, and the out-of-bag score of the fit, if it has one."""

    log_odds: Floats
    oob_score: float | None


def learnable(table: Table, rolling: Rolling) -> Rolling:
    """Without the origins before which hardly a failure was settled; the newest stays, for what it says of the data."""
    enough = [table.positives(origin.fit) >= FEWEST_POSITIVES for origin in rolling.origins]
    first = enough.index(True) if True in enough else len(enough) - 1
    kept = replace(rolling, origins=rolling.origins[first:])
    if not table.labelled(kept.judged).any():
        raise TrainingImpossibleError("empty_span", "no row behind an origin has a label, so nothing can be judged")
    return kept


def predict_origins(
    table: Table,
    rolling: Rolling,
    engines: Sequence[MLEngine],
    report_progress: ReportProgress,
    checkpoint: Checkpoint,
) -> tuple[Pool, float | None]:
    """The pool, and the out-of-bag score of the newest fit that has one: the forest's."""
    rows = table.holdout(rolling.judged).bare()
    origin_of_row = rolling.origin_of(rows.keys.timestamps_s)
    pool = Pool(rows, origin_of_row, {one.parameters.algorithm: np.empty(len(rows.labels)) for one in engines})
    oob_score = None
    for number, origin in enumerate(rolling.origins):
        prepared, _ = table.prepare(engines[0], origin.fit)
        judged = table.labelled(origin.judged)
        for position, engine in enumerate(engines):
            algorithm = engine.parameters.algorithm
            done = (number * len(engines) + position) / (len(rolling.origins) * len(engines))
            percent = FROM_PERCENT + int(done * (TO_PERCENT - FROM_PERCENT))
            stage = f"fit {number + 1} {algorithm}"
            report_progress(stage, percent, _message(number, rolling, prepared))
            predicted = checkpoint(stage, partial(_predict, engine, prepared, table, judged))
            pool.log_odds[algorithm][origin_of_row == number] = predicted.log_odds
            oob_score = predicted.oob_score if predicted.oob_score is not None else oob_score
    return pool, oob_score


def _predict(engine: MLEngine, prepared: Prepared, table: Table, judged: Bools) -> Predicted:
    engine.fit(prepared.x, prepared.labels)
    return Predicted(engine.log_odds(table.x[judged]), engine.oob_score)


def _message(number: int, rolling: Rolling, prepared: Prepared) -> str:
    origin = datetime.fromtimestamp(rolling.origins[number].judged.from_s, UTC).date()
    return f"origin {number + 1} of {len(rolling.origins)}, {origin}: {learned_from(prepared)}"


def learned_from(prepared: Prepared) -> str:
    """How many rows of each class there are, in words."""
    positives = int((prepared.labels == 1).sum())
    return f"{positives:,} rows before failures, {len(prepared.labels) - positives:,} others"
