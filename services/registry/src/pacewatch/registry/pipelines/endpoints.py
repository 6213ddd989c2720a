"""Pipeline runs over HTTP: pipelines report their stages, the dashboard lists the runs."""

from typing import Annotated

from fastapi import Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page
from pacewatch.contracts.pipelines import PipelineReport
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.registry.pipelines import service
from pacewatch.registry.pipelines.schemas import PipelineRun

router = service_router("registry")

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
Reporter = Annotated[Principal, Depends(require(Scope.PIPELINES_REPORT))]


@router.post("/pipeline-runs", status_code=201)
async def report_pipeline(session: SessionDep, actor: Reporter, report: PipelineReport) -> PipelineRun:
    """Report the status of one stage of a pipeline run."""
    return await service.report_stage(session, report, actor=actor.name)


@router.get("/pipeline-runs")
async def list_pipeline_runs(session: SessionDep, _: Reader, paging: PagingDep) -> Page[PipelineRun]:
    """Every pipeline run, the latest started first."""
    items, total = await service.list_runs(session, paging)
    return Page.of(items, total, paging)
