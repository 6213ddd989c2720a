"""Queries over training runs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.base import Paging
from pacewatch.contracts.training import RunStatus
from pacewatch.kit.db import NOW, Session
from pacewatch.registry.runs.models import training_runs

OPEN = (RunStatus.REQUESTED, RunStatus.RUNNING)
_is_open = training_runs.c.status.in_(OPEN)


async def add(session: Session, **values: Any) -> bool:
    """Add a run requested through the registry; False if any run is open."""
    if await open_run(session) is not None:
        return False
    row = insert(training_runs).values(status=RunStatus.REQUESTED, requested_here=True, **values)
    # Of two simultaneous requests the unique index one_open_run admits one.
    once = row.on_conflict_do_nothing().returning(training_runs.c.id)
    return (await session.execute(once)).first() is not None


async def add_started_elsewhere(session: Session, run_id: UUID, reason: str, actor: str, at: datetime) -> None:
    """Add a run that was started on the trainer's command line, unless the run is known."""
    row = insert(training_runs).values(
        id=run_id, status=RunStatus.RUNNING, requested_here=False, reason=reason, actor=actor, parameters={},
        requested_at=at,
    )  # fmt: skip
    await session.execute(row.on_conflict_do_nothing())


async def open_run(session: Session) -> UUID | None:
    """The id of the run that is requested or running, if any."""
    query = sa.select(training_runs.c.id).where(_is_open).order_by(training_runs.c.requested_at).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def find(session: Session, run_id: UUID) -> RowMapping | None:
    """The run's row."""
    return (await session.execute(sa.select(training_runs).where(training_runs.c.id == run_id))).mappings().first()


async def list_runs(session: Session, paging: Paging) -> tuple[list[RowMapping], int]:
    """One page of runs, newest first, and the total count."""
    total = await session.scalar(sa.select(sa.func.count()).select_from(training_runs))
    newest_first = (training_runs.c.requested_at.desc(), training_runs.c.id)
    query = sa.select(training_runs).order_by(*newest_first).limit(paging.size).offset(paging.offset)
    return list((await session.execute(query)).mappings()), int(total or 0)


async def progress(session: Session, run_id: UUID, stage: str, percent: int, message: str) -> None:
    """Record an open run's progress. Events arrive in any order, so a lower percent changes nothing that is shown."""
    is_newer = training_runs.c.percent <= percent
    change = sa.update(training_runs).where(training_runs.c.id == run_id, _is_open)
    change = change.values(
        status=RunStatus.RUNNING,
        stage=sa.case((is_newer, stage), else_=training_runs.c.stage),
        message=sa.case((is_newer, message), else_=training_runs.c.message),
        percent=sa.func.greatest(training_runs.c.percent, percent),
        heard_at=NOW,
    )
    await session.execute(change)


async def end(session: Session, run_id: UUID, status: RunStatus, at: datetime, **values: Any) -> bool:
    """End an open run; False if it has already ended."""
    change = sa.update(training_runs).where(training_runs.c.id == run_id, _is_open)
    change = change.values(status=status, ended_at=at, heard_at=NOW, **values).returning(training_runs.c.id)
    return (await session.execute(change)).first() is not None


async def succeed(session: Session, run_id: UUID, version: str, at: datetime) -> None:
    """End the run whose model arrived: also a run that was failed for its silence, but not a cancelled one."""
    change = sa.update(training_runs)
    change = change.where(training_runs.c.id == run_id, training_runs.c.status != RunStatus.CANCELLED)
    done = {"stage": "done", "percent": 100, "message": f"model {version}", "model_version": version}
    await session.execute(change.values(status=RunStatus.SUCCEEDED, ended_at=at, heard_at=NOW, **done))


async def fail_silent_runs(session: Session, silence_s: float, at: datetime) -> list[UUID]:
    """Fail running runs without progress for `silence_s` of wall time; a requested run may wait for its trainer."""
    is_silent = training_runs.c.heard_at < NOW - sa.func.make_interval(0, 0, 0, 0, 0, 0, silence_s)
    message = f"no progress from the trainer for {silence_s:.0f} s; is a trainer-agent running?"
    change = sa.update(training_runs).where(training_runs.c.status == RunStatus.RUNNING, is_silent)
    change = change.values(status=RunStatus.FAILED, ended_at=at, message=message).returning(training_runs.c.id)
    return list((await session.execute(change)).scalars())


async def last_requested_at(session: Session) -> datetime | None:
    """When the newest run was requested, in fleet time."""
    newest: datetime | None = await session.scalar(sa.select(sa.func.max(training_runs.c.requested_at)))
    return newest
