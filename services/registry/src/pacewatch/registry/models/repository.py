"""Queries on models and on which one is active. Locks are taken in one order: a model's row, then the active row."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.contracts.models import ModelStatus
from pacewatch.kit.db import Session
from pacewatch.registry.tables import activations, active_model, models

JUDGE_CHANNEL = "pacewatch_registry_candidates"


@dataclass(frozen=True, slots=True)
class Active:
    """The active version, if any, and how many activations there have been."""

    version: str | None
    sequence: int


async def add_candidate(session: Session, **values: Any) -> None:
    """Record a candidate, once, and wake the judge; ValueError if its version is another run's."""
    row = insert(models).values(status=ModelStatus.CANDIDATE, **values).on_conflict_do_nothing()
    await session.execute(row)
    owner = await session.scalar(sa.select(models.c.run_id).where(models.c.version == values["version"]))
    if owner != values["run_id"]:
        raise ValueError(f"version {values['version']} belongs to run {owner}; two trainers that share no table?")
    await session.execute(sa.select(sa.func.pg_notify(JUDGE_CHANNEL, "")))


async def find(session: Session, version: str, *, lock: bool = False) -> RowMapping | None:
    """The model's row; with `lock`, nobody else decides on it until this transaction ends."""
    query = sa.select(models).where(models.c.version == version)
    return (await session.execute(query.with_for_update() if lock else query)).mappings().first()


async def page(session: Session, paging: Paging, *, deleted: bool) -> tuple[list[RowMapping], int]:
    """One page of models, newest first, and how many there are."""
    shown = sa.true() if deleted else models.c.status != ModelStatus.DELETED
    total = await session.scalar(sa.select(sa.func.count()).select_from(models).where(shown))
    query = sa.select(models).where(shown).order_by(models.c.version.desc()).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)


async def next_candidate(session: Session) -> RowMapping | None:
    """The oldest candidate that no other judge holds, locked."""
    due = (models.c.status == ModelStatus.CANDIDATE) & (models.c.judge_after <= sa.func.clock_timestamp())
    query = sa.select(models).where(due).order_by(models.c.judge_after).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(query)).mappings().first()


async def put_off(session: Session, version: str, pause_s: float) -> int:
    """Judge this candidate later; returns how often it could not be judged by now."""
    later = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, pause_s)
    change = sa.update(models).where(models.c.version == version)
    change = change.values(judge_failures=models.c.judge_failures + 1, judge_after=later)
    return int((await session.execute(change.returning(models.c.judge_failures))).scalar_one())


async def update(session: Session, version: str, **values: Any) -> None:
    """Change columns of one model."""
    await session.execute(sa.update(models).where(models.c.version == version).values(**values))


async def active(session: Session, *, lock: bool = False) -> Active:
    """Which version is active; with `lock`, it stays so until this transaction ends."""
    query = sa.select(active_model.c.version, active_model.c.sequence)
    row = (await session.execute(query.with_for_update() if lock else query)).one()
    return Active(row.version, row.sequence)


async def swap_active(session: Session, before: Active, version: str) -> int | None:
    """The one statement that changes the active model: compare and swap. The new sequence, or None if it lost."""
    swap = sa.update(active_model).where(active_model.c.sequence == before.sequence)
    swap = swap.values(version=version, sequence=active_model.c.sequence + 1).returning(active_model.c.sequence)
    sequence: int | None = (await session.execute(swap)).scalar_one_or_none()
    return sequence


async def add_activation(session: Session, **values: Any) -> None:
    """Log one change of the active model."""
    await session.execute(sa.insert(activations).values(**values))
    await update(session, values["version"], activated_at=values["activated_at"])


async def fallback(session: Session, sequence: int) -> RowMapping | None:
    """The activation a rollback from activation `sequence` returns to: an earlier one whose version is still there."""
    below = sa.select(activations).where(activations.c.sequence == sequence).cte("below", recursive=True)
    below = below.union_all(sa.select(activations).join(below, activations.c.sequence == below.c.fallback_sequence))
    current = sa.select(active_model.c.version).scalar_subquery()
    query = sa.select(below).join(models, models.c.version == below.c.version)
    query = query.where(below.c.version != current, models.c.status == ModelStatus.ACCEPTED)
    return (await session.execute(query.order_by(below.c.sequence.desc()).limit(1))).mappings().first()


async def activation_page(session: Session, paging: Paging) -> tuple[list[RowMapping], int]:
    """One page of activations, newest first, and how many there are."""
    total = await session.scalar(sa.select(sa.func.count()).select_from(activations))
    query = sa.select(activations).order_by(activations.c.sequence.desc()).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)
