"""Queries on runs. A lease is a token and a time by the database's clock; only its holder can write."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.training import RunStatus
from pacewatch.kit.db import NOW, Session, has_come
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs.models import runs
from pacewatch.trainer_agent.settings import LONGEST_LEASE_S

CHANNEL = "pacewatch_trainer_agent_runs"
is_open = runs.c.status.in_((RunStatus.REQUESTED, RunStatus.RUNNING))
is_held = ~sa.literal_column(has_come("lease_until", LONGEST_LEASE_S), sa.Boolean)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one worker to a run."""

    run_id: UUID
    token: UUID
    attempt: int
    parameters: dict[str, Any]


async def origin(session: Session, run_id: UUID) -> RowMapping:
    """Why and by whom the run was requested, and when it began and ended, wall time."""
    query = sa.select(runs.c.reason, runs.c.actor, runs.c.started_at, runs.c.ended_at).where(runs.c.id == run_id)
    return (await session.execute(query)).mappings().one()


async def add(session: Session, run_id: UUID, reason: str, actor: str, parameters: dict[str, Any]) -> None:
    """Queue a run and wake a worker; a run that exists already is not changed."""
    row = insert(runs).values(id=run_id, reason=reason, actor=actor, parameters=parameters)
    await session.execute(row.on_conflict_do_nothing())
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def claim(session: Session, lease_s: float, agent: str, run_id: UUID | None = None) -> Lease | None:
    """Claim the oldest run without a lease (or `run_id`); None if there is none, or if any run has a lease."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("pacewatch trainer_agent claim"))))
    if (await session.execute(sa.select(runs.c.id).where(is_open, is_held))).first() is not None:
        return None
    free = sa.select(runs.c.id).where(is_open, runs.c.id == run_id if run_id else sa.true())
    free = free.order_by(runs.c.requested_at, runs.c.id).limit(1).with_for_update(skip_locked=True)
    change = sa.update(runs).where(runs.c.id == free.scalar_subquery())
    change = change.values(
        status=RunStatus.RUNNING,
        lease_token=uuid4(),
        lease_until=_in(lease_s),
        attempts=runs.c.attempts + 1,
        agent=agent,
        started_at=sa.func.coalesce(runs.c.started_at, NOW),
    )
    changed = change.returning(runs.c.id, runs.c.lease_token, runs.c.attempts, runs.c.parameters)
    row = (await session.execute(changed)).first()
    return Lease(row.id, row.lease_token, row.attempts, row.parameters) if row else None


async def find_lease(session: Session, run_id: UUID, token: UUID) -> Lease:
    """The lease that the worker claimed for this process; LeaseLost if it is no longer valid."""
    query = sa.select(runs.c.attempts, runs.c.parameters).where(_held_by(run_id, token))
    row = (await session.execute(query)).first()
    if row is None:
        raise LeaseLost()
    return Lease(run_id, token, row.attempts, row.parameters)


async def renew(session: Session, lease: Lease, lease_s: float) -> None:
    """Extend the lease; LeaseLost if another worker has it."""
    await write(session, lease, lease_until=_in(lease_s))


async def write(session: Session, lease: Lease, **values: Any) -> None:
    """Change the run of the lease; LeaseLost if the lease is no longer valid."""
    change = sa.update(runs).where(_held_by(lease.run_id, lease.token)).values(**values).returning(runs.c.id)
    if (await session.execute(change)).first() is None:
        raise LeaseLost()


async def end(session: Session, lease: Lease, status: RunStatus, **values: Any) -> None:
    """End the run of the lease; LeaseLost if the lease is no longer valid."""
    await write(session, lease, status=status, ended_at=NOW, lease_until=None, **values)


async def release(session: Session, lease: Lease) -> None:
    """Give the lease up, so that the run can be claimed at once; no effect if the lease is no longer valid."""
    change = sa.update(runs).where(_held_by(lease.run_id, lease.token))
    await session.execute(change.values(lease_until=None, lease_token=None))
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def fail_exhausted(session: Session, max_attempts: int, message: str) -> list[tuple[UUID, str]]:
    """End the runs without a lease that were started too often; returns their ids and stages."""
    exhausted = is_open & (runs.c.attempts >= max_attempts) & sa.or_(runs.c.lease_until.is_(None), ~is_held)
    change = sa.update(runs).where(exhausted).values(status=RunStatus.FAILED, ended_at=NOW, message=message)
    rows = await session.execute(change.returning(runs.c.id, runs.c.stage))
    return [(row.id, row.stage) for row in rows]


async def cancel(session: Session, run_id: UUID, actor: str) -> None:
    """End a run and its lease. A run that was not requested yet is stored as cancelled, so it never starts."""
    cancelled = {"status": RunStatus.CANCELLED, "ended_at": NOW, "lease_token": None, "lease_until": None}
    row = insert(runs).values(id=run_id, reason="", actor=actor, parameters={}, **cancelled)
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=cancelled, where=is_open))


async def is_valid(session: Session, lease: Lease) -> bool:
    """Whether the lease is still valid."""
    return (await session.execute(sa.select(runs.c.id).where(_held_by(lease.run_id, lease.token)))).first() is not None


async def has_ended(session: Session, lease: Lease) -> bool:
    """Whether the run succeeded or failed under this lease."""
    ended = runs.c.status.in_((RunStatus.SUCCEEDED, RunStatus.FAILED)) & (runs.c.lease_token == lease.token)
    return (await session.execute(sa.select(runs.c.id).where(runs.c.id == lease.run_id, ended))).first() is not None


async def version_exists(session: Session, version: str) -> bool:
    """Whether a run trained a model of this version."""
    return (await session.execute(sa.select(runs.c.id).where(runs.c.model_version == version))).first() is not None


def _held_by(run_id: UUID, token: UUID) -> sa.ColumnElement[bool]:
    """An expired lease stays valid until another worker claims the run."""
    return (runs.c.id == run_id) & (runs.c.lease_token == token) & (runs.c.status == RunStatus.RUNNING)


def _in(seconds: float) -> sa.ColumnElement[Any]:
    return sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
