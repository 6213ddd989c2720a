"""Decides about training runs: who may ask for one, what a run's end means, and what pipelines report."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping

from pacewatch.contracts.base import Paging
from pacewatch.contracts.training import RunStatus, TrainingCancelled, TrainingRequest, TrainingRequested, TrainingRun
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.ml.models.parameters import Parameters
from pacewatch.registry import errors
from pacewatch.registry.runs import repository

MAX_PARAMETER = 10_000_000
ANY_ALGORITHM = ("algorithm", "auto")  # all compete, as they do when none is named


async def request(session: Session, asked: TrainingRequest, *, actor: str) -> TrainingRun:
    """Ask the trainer for a model; RunUnderWay names the open run, BadParameters what cannot be trained with."""
    _check(asked.parameters)
    run_id, now = uuid4(), clock.now()
    values: dict[str, Any] = {"reason": asked.reason, "parameters": dict(asked.parameters), "actor": actor}
    if not await repository.add(session, id=run_id, requested_at=now, **values):
        other = str(await repository.open_run(session))
        raise errors.RunUnderWay(f"training run {other} is under way; wait for it or cancel it", run_id=other)
    await emit(session, TrainingRequested(run_id=run_id, as_of=now, **values))
    return await get(session, run_id)


def _check(parameters: dict[str, Any]) -> None:
    """What would only fail in the trainer, minutes later, is refused here."""
    numbers = [value for value in parameters.values() if isinstance(value, int | float)]
    try:
        if any(abs(number) > MAX_PARAMETER for number in numbers):
            raise ValueError(f"no hyperparameter is larger than {MAX_PARAMETER}")
        Parameters.of({name: value for name, value in parameters.items() if (name, value) != ANY_ALGORITHM})
    except (TypeError, ValueError) as error:
        raise errors.BadParameters(str(error)[:500]) from None


async def cancel(session: Session, run_id: UUID, *, actor: str) -> TrainingRun:
    """End an open run; a model it brings all the same is rejected. RunEnded if there is nothing left to end."""
    await get(session, run_id)
    if not await repository.end(session, run_id, RunStatus.CANCELLED, clock.now(), message=f"cancelled by {actor}"):
        raise errors.RunEnded()
    await emit(session, TrainingCancelled(run_id=run_id, actor=actor))
    return await get(session, run_id)


async def get(session: Session, run_id: UUID) -> TrainingRun:
    """The run; NoSuchRun otherwise."""
    row = await repository.find(session, run_id)
    if row is None:
        raise errors.NoSuchRun()
    return _told(row)


async def page(session: Session, paging: Paging) -> tuple[Sequence[TrainingRun], int]:
    """One page of runs, newest first, and how many there are."""
    rows, total = await repository.page(session, paging)
    return [_told(row) for row in rows], total


def _told(row: RowMapping) -> TrainingRun:
    return TrainingRun(**{name: row[name] for name in TrainingRun.model_fields})
