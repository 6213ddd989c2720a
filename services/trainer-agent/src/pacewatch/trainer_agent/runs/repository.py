"""Queries on runs. A lease is a token and a time on the database's clock: only who holds it may write."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from pacewatch.contracts.training import RunStatus
from pacewatch.kit.db import NOW, Session
from pacewatch.trainer_agent.errors import LeaseLost
from pacewatch.trainer_agent.runs.models import runs

CHANNEL = "pacewatch_trainer_agent_runs"
is_open = runs.c.status.in_((RunStatus.REQUESTED, RunStatus.RUNNING))
is_held = runs.c.lease_until >= NOW


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a run."""

    run_id: UUID
    token: UUID
    attempt: int
    parameters: dict[str, Any]


async def add(session: Session, run_id: UUID, reason: str, actor: str, parameters: dict[str, Any]) -> None:
    """Note that a run is wanted, and wake a worker; a run that is known already stays as it is."""
    row = insert(runs).values(id=run_id, reason=reason, actor=actor, parameters=parameters)
    await session.execute(row.on_conflict_do_nothing())
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def claim(session: Session, lease_s: float, agent: str, run_id: UUID | None = None) -> Lease | None:
    """Take up the oldest run nobody holds (or `run_id`), unless any run is held: one run at a time."""
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
    """The lease somebody else took for us; LeaseLost if it is not good any more."""
    query = sa.select(runs.c.attempts, runs.c.parameters).where(_held_by(run_id, token))
    row = (await session.execute(query)).first()
    if row is None:
        raise LeaseLost()
    return Lease(run_id, token, row.attempts, row.parameters)


async def renew(session: Session, lease: Lease, lease_s: float) -> None:
    """A sign of life; LeaseLost if it comes too late."""
    await write(session, lease, lease_until=_in(lease_s))


async def write(session: Session, lease: Lease, **values: Any) -> None:
    """Change the run we hold; LeaseLost if we do not hold it any more."""
    change = sa.update(runs).where(_held_by(lease.run_id, lease.token)).values(**values).returning(runs.c.id)
    if (await session.execute(change)).first() is None:
        raise LeaseLost()


async def end(session: Session, lease: Lease, status: RunStatus, **values: Any) -> None:
    """End the run we hold; LeaseLost if we do not hold it any more."""
    await write(session, lease, status=status, ended_at=NOW, lease_until=None, **values)


async def release(session: Session, lease: Lease) -> None:
    """Let somebody take the run up at once; nothing happens if it is not ours any more."""
    change = sa.update(runs).where(_held_by(lease.run_id, lease.token))
    await session.execute(change.values(lease_until=None, lease_token=None))
    await session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def fail_exhausted(session: Session, max_attempts: int, message: str) -> list[tuple[UUID, str]]:
    """End the runs that were started too often and that nobody holds; returns their ids and stages."""
    exhausted = is_open & (runs.c.attempts >= max_attempts) & sa.or_(runs.c.lease_until.is_(None), ~is_held)
    change = sa.update(runs).where(exhausted).values(status=RunStatus.FAILED, ended_at=NOW, message=message)
    rows = await session.execute(change.returning(runs.c.id, runs.c.stage))
    return [(row.id, row.stage) for row in rows]


async def cancel(session: Session, run_id: UUID, actor: str) -> None:
    """End a run whoever holds it, who finds their lease gone; one not asked for yet is not going to be carried out."""
    over = {"status": RunStatus.CANCELLED, "ended_at": NOW, "lease_token": None, "lease_until": None}
    row = insert(runs).values(id=run_id, reason="", actor=actor, parameters={}, **over)
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=over, where=is_open))


async def is_ours(session: Session, lease: Lease) -> bool:
    """Whether the lease is still good."""
    return (await session.execute(sa.select(runs.c.id).where(_held_by(lease.run_id, lease.token)))).first() is not None


async def has_ended(session: Session, lease: Lease) -> bool:
    """Whether the run came to an end of its own, with a model or without, while this lease was good."""
    ended = runs.c.status.in_((RunStatus.SUCCEEDED, RunStatus.FAILED)) & (runs.c.lease_token == lease.token)
    return (await session.execute(sa.select(runs.c.id).where(runs.c.id == lease.run_id, ended))).first() is not None


async def version_taken(session: Session, version: str) -> bool:
    """Whether some run made a model of this version."""
    return (await session.execute(sa.select(runs.c.id).where(runs.c.model_version == version))).first() is not None


def _held_by(run_id: UUID, token: UUID) -> sa.ColumnElement[bool]:
    """A lease that ran out and that nobody took is still its holder's."""
    return (runs.c.id == run_id) & (runs.c.lease_token == token) & (runs.c.status == RunStatus.RUNNING)


def _in(seconds: float) -> sa.ColumnElement[Any]:
    return sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
