"""Pipeline runs: what a pipeline outside the platform reports of its stages."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from pacewatch.contracts.base import Contract, Event, Name, Text


class StageStatus(StrEnum):
    """The status of one stage of a pipeline run."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class PipelineReport(Contract):
    """The status of one stage, as its pipeline reports it."""

    pipeline_run_id: Name
    pipeline: Name
    stage: Name
    status: Annotated[StageStatus, Field(strict=False)]  # a strict model accepts only enum members; JSON has strings
    commit: Name
    artifacts: Sequence[Text] = ()


class PipelineReported(Event):
    """A pipeline reported the status of a stage."""

    type: ClassVar[str] = "pipeline.reported"

    pipeline_run_id: Name
    pipeline: Name
    stage: Name
    status: StageStatus
    commit: Name
    reported_at: datetime

    def subject(self) -> str:
        return self.pipeline_run_id
