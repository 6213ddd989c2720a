"""Queries on training runs and on the newest label counts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.contracts.training import RunStatus
from pacewatch.kit.db import NOW, Session
from pacewatch.registry.tables import label_ledger, training_runs

OPEN = (RunStatus.REQUESTED, RunStatus.RUNNING)
is_open = training_runs.c.status.in_(OPEN)


async def add(session: Session, **values: Any) -> bool:
    """Add a run asked for here; False if one is open already, here or started by the trainer itself."""
    if await open_run(session) is not None:
        return False
    row = insert(training_runs).values(status=RunStatus.REQUESTED, requested_here=True, **values)
    once = row.on_conflict_do_nothing().returning(training_runs.c.id)  # the index one_open_run decides a race
    return (await session.execute(once)).first() is not None


async def add_foreign(session: Session, run_id: UUID, reason: str, actor: str, at: datetime) -> None:
    """Know of a run that a pipeline started on the trainer's own command line, if it is not known yet."""
    row = insert(training_runs).values(
        id=run_id, status=RunStatus.RUNNING, requested_here=False, reason=reason, actor=actor, parameters={},
        requested_at=at,
    )  # fmt: skip
    await session.execute(row.on_conflict_do_nothing())


async def open_run(session: Session) -> UUID | None:
    """The id of the run that is requested or running, if any."""
    query = sa.select(training_runs.c.id).where(is_open).order_by(training_runs.c.requested_at).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def find(session: Session, run_id: UUID, *, lock: bool = False) -> RowMapping | None:
    """The run's row."""
    query = sa.select(training_runs).where(training_runs.c.id == run_id)
    return (await session.execute(query.with_for_update() if lock else query)).mappings().first()


async def page(session: Session, paging: Paging) -> tuple[list[RowMapping], int]:
    """One page of runs, newest first, and how many there are."""
    total = await session.scalar(sa.select(sa.func.count()).select_from(training_runs))
    newest = (training_runs.c.requested_at.desc(), training_runs.c.id)
    query = sa.select(training_runs).order_by(*newest).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)


async def progress(session: Session, run_id: UUID, stage: str, percent: int, message: str) -> None:
    """An open run moved on. Events come in any order: only a percent at least as high changes what is shown."""
    newer = training_runs.c.percent <= percent
    change = sa.update(training_runs).where(training_runs.c.id == run_id, is_open)
    change = change.values(
        status=RunStatus.RUNNING,
        stage=sa.case((newer, stage), else_=training_runs.c.stage),
        message=sa.case((newer, message), else_=training_runs.c.message),
        percent=sa.func.greatest(training_runs.c.percent, percent),
        heard_at=NOW,
    )
    await session.execute(change)


async def end(session: Session, run_id: UUID, status: RunStatus, at: datetime, **values: Any) -> bool:
    """An open run ended; False if it had ended before."""
    change = sa.update(training_runs).where(training_runs.c.id == run_id, is_open)
    change = change.values(status=status, ended_at=at, heard_at=NOW, **values).returning(training_runs.c.id)
    return (await session.execute(change)).first() is not None


async def succeed(session: Session, run_id: UUID, version: str, at: datetime) -> None:
    """The run's model came. That counts even after the run was given up for dead; not after it was cancelled."""
    change = sa.update(training_runs)
    change = change.where(training_runs.c.id == run_id, training_runs.c.status != RunStatus.CANCELLED)
    done = {"stage": "done", "percent": 100, "message": f"model {version}", "model_version": version}
    await session.execute(change.values(status=RunStatus.SUCCEEDED, ended_at=at, heard_at=NOW, **done))


async def give_up_silent(session: Session, silence_s: float, at: datetime) -> list[UUID]:
    """Fail running runs nothing was heard of for `silence_s` of wall time; a requested one may wait for its trainer."""
    silent = training_runs.c.heard_at < NOW - sa.func.make_interval(0, 0, 0, 0, 0, 0, silence_s)
    message = f"nothing was heard of the trainer for {silence_s:.0f} s; is a trainer-agent running?"
    change = sa.update(training_runs).where(training_runs.c.status == RunStatus.RUNNING, silent)
    change = change.values(status=RunStatus.FAILED, ended_at=at, message=message).returning(training_runs.c.id)
    return list((await session.execute(change)).scalars())


async def last_requested_at(session: Session) -> datetime | None:
    """When the newest run was requested, in fleet time."""
    newest: datetime | None = await session.scalar(sa.select(sa.func.max(training_runs.c.requested_at)))
    return newest


async def keep_counts(session: Session, as_of: datetime, counts: dict[str, int]) -> None:
    """Remember the label counts if they are newer than those we have."""
    row = insert(label_ledger).values(only_row=True, as_of=as_of, first_as_of=as_of, counts=counts)
    newer = label_ledger.c.as_of < row.excluded.as_of
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["only_row"], set_={"as_of": row.excluded.as_of, "counts": row.excluded.counts}, where=newer
        )
    )


async def ledger(session: Session) -> RowMapping | None:
    """The newest label counts, and since when there have been any; locked, so that one process schedules at a time."""
    query = sa.select(label_ledger).with_for_update(skip_locked=True)
    return (await session.execute(query)).mappings().first()
