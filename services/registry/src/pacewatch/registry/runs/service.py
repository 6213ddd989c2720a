"""Training runs: who may request one, what its parameters may be, and how it is cancelled."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

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
# The same as naming no algorithm: all of them are trained and compared.
ANY_ALGORITHM = ("algorithm", "auto")


async def request_run(session: Session, request: TrainingRequest, *, actor: str) -> TrainingRun:
    """Ask the trainer for a model; RunUnderWay names the open run, BadParameters says what is wrong with them."""
    _check_parameters(request.parameters)
    run_id, now = uuid4(), clock.now()
    values: dict[str, Any] = {"reason": request.reason, "parameters": dict(request.parameters), "actor": actor}
    if not await repository.add(session, id=run_id, requested_at=now, **values):
        open_run = str(await repository.open_run(session))
        raise errors.RunUnderWay(f"training run {open_run} is under way; wait for it or cancel it", run_id=open_run)
    event = requested({"id": run_id, "requested_at": now, **values})
    await emit(session, event, event_id(run_id))
    return await get_run(session, run_id)


def event_id(run_id: UUID) -> UUID:
    """The id of the event that requests a run."""
    return uuid5(run_id, TrainingRequested.type)


def requested(row: Mapping[str, Any]) -> TrainingRequested:
    """The event that requests the run in `row`."""
    of_row = {name: row[name] for name in ("reason", "parameters", "actor")}
    return TrainingRequested(run_id=row["id"], as_of=row["requested_at"], **of_row)


def _check_parameters(parameters: dict[str, Any]) -> None:
    """Refuse at once what would otherwise fail in the trainer minutes later."""
    numbers = [value for value in parameters.values() if isinstance(value, int | float)]
    try:
        if any(abs(number) > MAX_PARAMETER for number in numbers):
            raise ValueError(f"no hyperparameter may be larger than {MAX_PARAMETER}")
        Parameters.of({name: value for name, value in parameters.items() if (name, value) != ANY_ALGORITHM})
    except (TypeError, ValueError) as error:
        raise errors.BadParameters(str(error)[:500]) from None


async def cancel_run(session: Session, run_id: UUID, *, actor: str) -> TrainingRun:
    """End an open run; a model that still arrives for it is rejected. RunEnded if the run has already ended."""
    await get_run(session, run_id)
    if not await repository.end(session, run_id, RunStatus.CANCELLED, clock.now(), message=f"cancelled by {actor}"):
        raise errors.RunEnded()
    await emit(session, TrainingCancelled(run_id=run_id, actor=actor))
    return await get_run(session, run_id)


async def get_run(session: Session, run_id: UUID) -> TrainingRun:
    """One run; NoSuchRun if there is none."""
    row = await repository.find(session, run_id)
    if row is None:
        raise errors.NoSuchRun()
    return _to_response(row)


async def list_runs(session: Session, paging: Paging) -> tuple[Sequence[TrainingRun], int]:
    """One page of runs, newest first, and the total count."""
    rows, total = await repository.list_runs(session, paging)
    return [_to_response(row) for row in rows], total


def _to_response(row: RowMapping) -> TrainingRun:
    return TrainingRun(**{name: row[name] for name in TrainingRun.model_fields})
