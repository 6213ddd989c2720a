"""Training runs: requested, running, ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.base import Contract, Event, Name, Text


class RunStatus(StrEnum):
    """The status of a training run."""

    REQUESTED = "requested"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrainingRequest(Contract):
    """A request for a training run; every field has a default."""

    reason: Text = "requested by a person"
    parameters: dict[Name, int | float | str | bool | None] = Field(default_factory=dict)


class TrainingRequested(Event):
    """A person or the schedule requested a new model."""

    type: ClassVar[str] = "training.requested"

    run_id: UUID
    reason: Text
    as_of: datetime
    parameters: dict[str, Any]
    actor: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingProgressed(Event):
    """A run made progress."""

    type: ClassVar[str] = "training.progressed"

    run_id: UUID
    stage: Name
    percent: int = Field(ge=0, le=100)
    message: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingFailed(Event):
    """A run ended without a model; the active model stays."""

    type: ClassVar[str] = "training.failed"

    run_id: UUID
    stage: Name
    message: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingCancelled(Event):
    """A run was cancelled; the trainer that works on it stops."""

    type: ClassVar[str] = "training.cancelled"

    run_id: UUID
    actor: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingRun(BaseModel):
    """One run as the registry returns it."""

    id: UUID
    status: RunStatus
    reason: str
    actor: str
    parameters: dict[str, Any]
    stage: str
    percent: int
    message: str
    model_version: str | None
    requested_at: datetime
    ended_at: datetime | None
