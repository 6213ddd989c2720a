"""HTTP shapes of pipeline runs; a stage's report, which pipelines send, is in `contracts.pipelines`."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from pacewatch.contracts.pipelines import StageStatus


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
