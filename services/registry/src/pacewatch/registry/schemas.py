"""HTTP shapes of the registry alone; the shared ones are in contracts."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from pacewatch.contracts.base import Contract, Text
from pacewatch.contracts.models import Version
from pacewatch.contracts.pipelines import StageStatus


class ActivateRequest(Contract):
    """Which version the caller believes to be active; left out, whichever is active is replaced."""

    expected_active: Version | None = Field(None, description="the active version you saw; null: none was active")
    reason: Text = "activated by a person"


class RollbackRequest(Contract):
    """Why the active model is taken back."""

    reason: Text = "rolled back by a person"


class PipelineStage(BaseModel):
    """One stage of a pipeline run."""

    stage: str
    status: StageStatus
    artifacts: Sequence[str]
    actor: str
    started_at: datetime
    reported_at: datetime


class PipelineRun(BaseModel):
    """One pipeline run; `status` is failed if any stage failed, else running if any runs, else succeeded."""

    pipeline_run_id: str
    pipeline: str
    commit: str
    status: StageStatus
    started_at: datetime
    reported_at: datetime
    stages: Sequence[PipelineStage]
