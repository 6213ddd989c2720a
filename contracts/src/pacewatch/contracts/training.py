"""Training runs and pipeline runs: asked for, under way, ended."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.base import Contract, Event, Name, Text


class RunStatus(StrEnum):
    """A run's life."""

    REQUESTED = "requested"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrainingRequest(Contract):
    """What may be asked of a training run; everything has a default."""

    reason: Text = "requested by a person"
    parameters: dict[Name, int | float | str | bool | None] = Field(default_factory=dict)


class TrainingRequested(Event):
    """Somebody or the schedule wants a new model."""

    type: ClassVar[str] = "training.requested"

    run_id: UUID
    reason: Text
    as_of: datetime
    parameters: dict[str, Any]
    actor: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingProgressed(Event):
    """A run moved on."""

    type: ClassVar[str] = "training.progressed"

    run_id: UUID
    stage: Name
    percent: int = Field(ge=0, le=100)
    message: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingFailed(Event):
    """A run ended without a model; nothing else changed."""

    type: ClassVar[str] = "training.failed"

    run_id: UUID
    stage: Name
    message: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingCancelled(Event):
    """Nobody wants the run any more; whoever works on it stops."""

    type: ClassVar[str] = "training.cancelled"

    run_id: UUID
    actor: Text

    def subject(self) -> str:
        return str(self.run_id)


class TrainingRun(BaseModel):
    """One run as the registry tells it."""

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


class StageStatus(StrEnum):
    """How one stage of a pipeline run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class PipelineReport(Contract):
    """What a pipeline says of itself, stage by stage."""

    pipeline_run_id: Name
    pipeline: Name
    stage: Name
    status: Annotated[StageStatus, Field(strict=False)]  # a strict model takes an enum only as a member; JSON has none
    commit: Name
    artifacts: Sequence[Text] = ()


class PipelineReported(Event):
    """A pipeline told where it stands."""

    type: ClassVar[str] = "pipeline.reported"

    pipeline_run_id: Name
    pipeline: Name
    stage: Name
    status: StageStatus
    commit: Name
    reported_at: datetime

    def subject(self) -> str:
        return self.pipeline_run_id
