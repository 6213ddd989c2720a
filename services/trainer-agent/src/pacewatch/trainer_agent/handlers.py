"""What the trainer does when others tell something: it notes that a run is wanted, and a worker takes it from there."""

from pacewatch.contracts.training import TrainingCancelled, TrainingRequested
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.trainer_agent.runs import repository


async def on_training_requested(event: TrainingRequested, session: Session) -> None:
    """Queue the run; it waits in the table until a worker is free, and if none runs, until one does."""
    await repository.add(session, event.run_id, event.reason, event.actor, event.parameters)


async def on_training_cancelled(event: TrainingCancelled, session: Session) -> None:
    """End the run; the worker sees within a second that its lease is gone, and stops the process."""
    await repository.cancel(session, event.run_id, event.actor)


HANDLERS: Handlers = {on_training_requested: (TrainingRequested,), on_training_cancelled: (TrainingCancelled,)}
