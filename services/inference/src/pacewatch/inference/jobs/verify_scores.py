"""Proves that stored scores can be had again: the same readings and the same model give the same bits.

A score says up to which batch it knew its device's readings; later ones, however old, are left out when it is computed
again. So superseded scores are checked as well. The device's lock was held while a batch got its number and while its
scores were computed, so no reading of a device can lie on the wrong side.
"""

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.scoring import repository, scorer
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings as window_readings
from pacewatch.kit import db
from pacewatch.kit.db import Session

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Account:
    """`checked` scores were computed again; the others could not be.

    `pruned`: readings of their windows are forgotten here. `unnumbered`: stored before scores said what they knew.
    `unopened`: their model's artifact is gone or refused. `mismatches`: the first of those that differ.
    """

    as_of: str
    checked: int = 0
    superseded: int = 0
    mismatched: int = 0
    pruned: int = 0
    unnumbered: int = 0
    unopened: int = 0
    mismatches: tuple[dict[str, object], ...] = ()


async def replay(session: Session, inference: Inference, as_of: datetime) -> Account:
    """Compute every score stored up to `as_of` (fleet time) again; changes nothing."""
    await session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    connection = await db.driver(session)
    late_s = int(inference.settings.late_days * SECONDS_PER_DAY)
    counts = await repository.count_beyond_replay(connection, as_of, late_s)
    stored = await repository.replayable(connection, as_of, late_s)
    activations = await repository.activations_by_version(connection)
    checked, unopened, wrong = [], 0, []
    for (version, known), group in groupby(stored, key=lambda row: (row["model_version"], row["known_batch"])):
        rows = list(group)
        activation = activations.get(version)
        model = await inference.loader.usable([activation]) if activation else None
        if model is None:
            unopened += len(rows)
            continue
        checked += rows
        wanted = window_readings.keys_of((row["device_id"], row["timestamp_s"]) for row in rows)
        readings = await window_readings.load(connection, inference.profile, wanted, known=known)
        scores, _ = await asyncio.to_thread(scorer.score, model.engine, 1.0, readings, wanted)
        wrong += _differing(rows, dict(zip(wanted.pairs(), scores.risks.tolist(), strict=True)))
    superseded = sum(row["superseded_at"] is not None for row in checked)
    mismatches = tuple(wrong[:MOST_SHOWN])
    return Account(as_of.isoformat(), len(checked), superseded, len(wrong), *counts, unopened, mismatches)


def as_json(account: Account) -> dict[str, object]:
    """What the command prints."""
    return asdict(account)


def _differing(rows: list[asyncpg.Record], again: dict[tuple[int, int], float]) -> list[dict[str, object]]:
    """Scores that are not the same number to the last bit."""
    return [
        {name: row[name] for name in ("device_id", "timestamp_s", "revision", "risk")} | {"again": risk}
        for row in rows
        if (risk := again[row["device_id"], row["timestamp_s"]]) != row["risk"]
    ]
