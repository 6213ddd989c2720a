"""Verifies stored scores: computed again from the same readings by the same model, a score has the same bits.

A score says up to which batch the readings and attributes of its device were known. Later ones are left out when it is
computed again, however old their readings are, and not as the register is today. So superseded scores can be
verified, too. A batch gets its number, and its scores are computed, under the locks of its devices; so for each device
the order of batch numbers is the order in which its readings and attributes were stored.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import asyncpg
import numpy as np
import sqlalchemy as sa

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.models import repository as models
from pacewatch.inference.models.loader import ActiveModel
from pacewatch.inference.register import repository as attributes
from pacewatch.inference.scoring import repository, scorer
from pacewatch.inference.scoring.facts import to_stored
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit import db
from pacewatch.kit.columns.arrays import Floats
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session

MAX_SHOWN = 20

Group = tuple[str, int, float]
"""Model version, last batch, operating threshold."""


@dataclass(frozen=True, slots=True)
class Verification:
    """`checked` scores were computed again; `pruned`, `unnumbered` and `unopened` ones could not be.

    `pruned`: readings of their windows are deleted. `unnumbered`: stored before batches had numbers. `unopened`: the
    artifact of their model is missing or refused. `mismatches` are the first `MAX_SHOWN` of the scores that differ.
    """

    as_of: str
    checked: int = 0
    superseded: int = 0
    mismatched: int = 0
    pruned: int = 0
    unnumbered: int = 0
    unopened: int = 0
    mismatches: tuple[dict[str, object], ...] = ()


async def verify(session: Session, inference: Inference, as_of: datetime) -> Verification:
    """Compute every score stored up to `as_of` (fleet time) again; changes nothing."""
    await session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    connection = await db.driver(session)
    late_s = int(inference.settings.late_days * SECONDS_PER_DAY)
    pruned, unnumbered = await repository.count_unverifiable(connection, as_of, late_s)
    activations = await models.activations_by_version(connection)
    checked, unopened, mismatches = [], 0, []
    for group, rows in _groups(await repository.list_verifiable(connection, as_of, late_s)):
        version = group[0]
        model = await inference.models.first_usable([activations[version]]) if version in activations else None
        if model is None:
            unopened += len(rows)
            continue
        checked += rows
        mismatches += await _mismatches(connection, inference, model, group, rows)
    superseded = sum(row["superseded_at"] is not None for row in checked)
    counts = (len(checked), superseded, len(mismatches), pruned, unnumbered, unopened)
    return Verification(as_of.isoformat(), *counts, tuple(mismatches[:MAX_SHOWN]))


def _groups(stored: Sequence[asyncpg.Record]) -> Iterator[tuple[Group, list[asyncpg.Record]]]:
    """Scores of one model at one threshold, based on readings up to the same batch, with the three."""
    for group, rows in groupby(stored, key=itemgetter("model_version", "known_batch", "threshold")):
        yield group, list(rows)


async def _mismatches(
    connection: asyncpg.Connection,
    inference: Inference,
    model: ActiveModel,
    group: Group,
    rows: Sequence[asyncpg.Record],
) -> list[dict[str, object]]:
    """The stored scores whose risk, verdict or facts are not the same to the last bit when they are computed again.

    Scores of releases that stored no verdict and no facts have their risk compared.
    """
    _version, last_batch, threshold = group
    wanted = Readings.of_pairs([(row["device_id"], row["timestamp_s"]) for row in rows])
    readings = await readings_table.load(connection, inference.profile, wanted, last_batch=last_batch)
    register = await attributes.load(connection, inference.profile, wanted.device_ids, last_batch)
    arguments = (model.engine, threshold, readings, wanted, register)
    scores, explain = await asyncio.to_thread(scorer.score, *arguments)
    columns = (scores.risks.tolist(), scores.verdicts.tolist(), to_stored(await asyncio.to_thread(explain)))
    again = dict(zip(wanted.pairs(), zip(*columns, strict=True), strict=True))
    return [
        {name: row[name] for name in ("device_id", "timestamp_s", "revision", "risk")} | {"again": computed[0]}
        for row in rows
        if not _is_same(row, *(computed := again[row["device_id"], row["timestamp_s"]]))
    ]


def _is_same(row: asyncpg.Record, risk: float, verdict: int, facts: Floats) -> bool:
    if row["risk"] != risk or row["verdict"] not in (None, verdict):
        return False
    return row["facts"] is None or np.array_equal(row["facts"], facts, equal_nan=True)
