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

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.models import repository as models
from pacewatch.inference.models.loader import ActiveModel
from pacewatch.inference.register import repository as attributes
from pacewatch.inference.scoring import repository, scorer
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings as readings_table
from pacewatch.kit import db
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session

MAX_SHOWN = 20


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
    for version, last_batch, rows in _groups(await repository.list_verifiable(connection, as_of, late_s)):
        model = await inference.models.first_usable([activations[version]]) if version in activations else None
        if model is None:
            unopened += len(rows)
            continue
        checked += rows
        mismatches += await _mismatches(connection, inference, model, last_batch, rows)
    superseded = sum(row["superseded_at"] is not None for row in checked)
    counts = (len(checked), superseded, len(mismatches), pruned, unnumbered, unopened)
    return Verification(as_of.isoformat(), *counts, tuple(mismatches[:MAX_SHOWN]))


def _groups(stored: Sequence[asyncpg.Record]) -> Iterator[tuple[str, int, list[asyncpg.Record]]]:
    """Scores of one model based on readings up to the same batch, with both."""
    for (version, last_batch), rows in groupby(stored, key=lambda row: (row["model_version"], row["known_batch"])):
        yield version, last_batch, list(rows)


async def _mismatches(
    connection: asyncpg.Connection,
    inference: Inference,
    model: ActiveModel,
    last_batch: int,
    rows: Sequence[asyncpg.Record],
) -> list[dict[str, object]]:
    """The stored scores whose risk is not the same number to the last bit when it is computed again."""
    wanted = Readings.of_pairs([(row["device_id"], row["timestamp_s"]) for row in rows])
    readings = await readings_table.load(connection, inference.profile, wanted, last_batch=last_batch)
    register = await attributes.load(connection, inference.profile, wanted.device_ids, last_batch)
    scores, _ = await asyncio.to_thread(scorer.score, model.engine, 1.0, readings, wanted, register)
    risks = dict(zip(wanted.pairs(), scores.risks.tolist(), strict=True))
    return [
        {name: row[name] for name in ("device_id", "timestamp_s", "revision", "risk")} | {"again": risk}
        for row in rows
        if (risk := risks[row["device_id"], row["timestamp_s"]]) != row["risk"]
    ]
