"""Queries over models and the active one. Lock order: a model's row first, then the row of the active model."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.contracts.models import ModelStatus
from pacewatch.kit.db import Session, has_come
from pacewatch.registry.models.models import activations, active_model, models

CANDIDATE_CHANNEL = "pacewatch_registry_candidates"
# After a check that failed, until the next one.
RETRY_PAUSES_S: Final = (5.0, 20.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Active:
    """The active version, if any, and the number of activations so far."""

    version: str | None
    sequence: int


async def add_candidate(session: Session, **values: Any) -> None:
    """Store a candidate once and wake the judge; ValueError if the version belongs to another run."""
    row = insert(models).values(status=ModelStatus.CANDIDATE, **values).on_conflict_do_nothing()
    await session.execute(row)
    owner = await session.scalar(sa.select(models.c.run_id).where(models.c.version == values["version"]))
    if owner != values["run_id"]:
        raise ValueError(f"version {values['version']} belongs to run {owner}; do two trainers use separate tables?")
    await session.execute(sa.select(sa.func.pg_notify(CANDIDATE_CHANNEL, "")))


async def find(session: Session, version: str, *, lock: bool = False) -> RowMapping | None:
    """The model's row; with `lock`, nobody else changes it until this transaction ends."""
    query = sa.select(models).where(models.c.version == version)
    return (await session.execute(query.with_for_update() if lock else query)).mappings().first()


async def list_models(session: Session, paging: Paging, *, deleted: bool) -> tuple[list[RowMapping], int]:
    """One page of models, newest first, and the total count; with `deleted`, deleted ones as well."""
    shown = sa.true() if deleted else models.c.status != ModelStatus.DELETED
    total = await session.scalar(sa.select(sa.func.count()).select_from(models).where(shown))
    query = sa.select(models).where(shown).order_by(models.c.version.desc()).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)


async def lock_next_candidate(session: Session) -> RowMapping | None:
    """The oldest candidate that is due and that no other judge has locked; this transaction locks it."""
    is_due = (models.c.status == ModelStatus.CANDIDATE) & sa.text(has_come("judge_after", max(RETRY_PAUSES_S)))
    query = sa.select(models).where(is_due).order_by(models.c.judge_after).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(query)).mappings().first()


async def postpone(session: Session, version: str, pause_s: float) -> None:
    """Judge this candidate `pause_s` from now, and count the failed attempt."""
    later = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, pause_s)
    await update(session, version, judge_failures=models.c.judge_failures + 1, judge_after=later)


async def update(session: Session, version: str, **values: Any) -> None:
    """Change columns of one model."""
    await session.execute(sa.update(models).where(models.c.version == version).values(**values))


async def get_active(session: Session, *, lock: bool = False) -> Active:
    """Which version is active; with `lock`, it stays active until this transaction ends."""
    query = sa.select(active_model.c.version, active_model.c.sequence)
    row = (await session.execute(query.with_for_update() if lock else query)).one()
    return Active(row.version, row.sequence)


async def swap_active(session: Session, before: Active, version: str) -> int | None:
    """The only statement that changes the active model: compare and swap.

    Returns the new sequence number; None if another change came first.
    """
    swap = sa.update(active_model).where(active_model.c.sequence == before.sequence)
    swap = swap.values(version=version, sequence=active_model.c.sequence + 1).returning(active_model.c.sequence)
    sequence: int | None = (await session.execute(swap)).scalar_one_or_none()
    return sequence


async def add_activation(session: Session, **values: Any) -> None:
    """Record one change of the active model."""
    await session.execute(sa.insert(activations).values(**values))
    await update(session, values["version"], activated_at=values["activated_at"])


async def find_rollback_target(session: Session, sequence: int) -> RowMapping | None:
    """The activation that a rollback of activation `sequence` returns to: the latest before it that is still accepted.

    Follows `fallback_sequence` from activation to activation, so activations that were rolled back are skipped.
    """
    chain = sa.select(activations).where(activations.c.sequence == sequence).cte("chain", recursive=True)
    chain = chain.union_all(sa.select(activations).join(chain, activations.c.sequence == chain.c.fallback_sequence))
    current = sa.select(active_model.c.version).scalar_subquery()
    query = sa.select(chain).join(models, models.c.version == chain.c.version)
    query = query.where(chain.c.version != current, models.c.status == ModelStatus.ACCEPTED)
    return (await session.execute(query.order_by(chain.c.sequence.desc()).limit(1))).mappings().first()


async def list_activations(session: Session, paging: Paging) -> tuple[list[RowMapping], int]:
    """One page of activations, newest first, and the total count."""
    total = await session.scalar(sa.select(sa.func.count()).select_from(activations))
    query = sa.select(activations).order_by(activations.c.sequence.desc()).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)
