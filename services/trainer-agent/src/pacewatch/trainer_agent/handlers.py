"""Reactions to events: a requested run is queued, a cancelled run is ended. The worker does the rest."""

from pacewatch.contracts.training import TrainingCancelled, TrainingRequested
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.trainer_agent.runs import repository


async def on_training_requested(event: TrainingRequested, session: Session) -> None:
    """Queue the run; it waits in the table until a worker claims it."""
    await repository.add(session, event.run_id, event.reason, event.actor, event.parameters)


async def on_training_cancelled(event: TrainingCancelled, session: Session) -> None:
    """End the run; within a second its worker finds the lease invalid and stops the process."""
    await repository.cancel(session, event.run_id, event.actor)


HANDLERS: Handlers = {on_training_requested: (TrainingRequested,), on_training_cancelled: (TrainingCancelled,)}
