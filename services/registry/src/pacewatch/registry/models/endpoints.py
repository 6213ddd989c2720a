"""HTTP to calls: models, activations, training runs, pipeline runs."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page
from pacewatch.contracts.models import Activation, Model
from pacewatch.contracts.pipelines import PipelineReport
from pacewatch.contracts.training import TrainingRequest, TrainingRun
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.registry.models import service
from pacewatch.registry.pipelines import service as pipelines
from pacewatch.registry.runs import service as runs
from pacewatch.registry.schemas import ActivateRequest, PipelineRun, RollbackRequest

router = service_router("registry")

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
Trainer = Annotated[Principal, Depends(require(Scope.TRAINING_RUN))]
Manager = Annotated[Principal, Depends(require(Scope.MODELS_MANAGE))]
Reporter = Annotated[Principal, Depends(require(Scope.PIPELINES_REPORT))]
Deleted = Annotated[bool, Query(description="list deleted versions, too")]
VersionPath = Annotated[str, Path(pattern=r"^\d{8}T\d{6}Z$")]


@router.get("/models")
async def list_models(
    session: SessionDep, _: Reader, paging: PagingDep, include_deleted: Deleted = False
) -> Page[Model]:
    """Every version, newest first."""
    items, total = await service.page(session, paging, deleted=include_deleted)
    return Page.of(items, total, paging)


@router.get("/models/active")
async def get_active_model(session: SessionDep, _: Reader) -> Model:
    """The version that scores now."""
    return await service.get_active(session)


@router.post("/models/rollback")
async def roll_back(session: SessionDep, actor: Manager, request: RollbackRequest | None = None) -> Model:
    """Return to the version that was active before."""
    reason = (request or RollbackRequest()).reason
    return await service.rollback(session, actor=actor.name, reason=reason)


@router.get("/models/{version}")
async def get_model(session: SessionDep, _: Reader, version: VersionPath) -> Model:
    """One version with its gate."""
    return await service.get(session, version)


@router.post("/models/{version}/activate")
async def activate_model(
    session: SessionDep, actor: Manager, version: VersionPath, request: ActivateRequest | None = None
) -> Model:
    """Let an accepted version score from now on."""
    return await service.activate(session, version, request or ActivateRequest(), actor=actor.name)


@router.delete("/models/{version}")
async def delete_model(session: SessionDep, actor: Manager, version: VersionPath) -> Model:
    """Take a version out of the registry; its record stays."""
    return await service.delete(session, version, actor=actor.name)


@router.get("/activations")
async def list_activations(session: SessionDep, _: Reader, paging: PagingDep) -> Page[Activation]:
    """Every change of the active model, newest first."""
    items, total = await service.activation_page(session, paging)
    return Page.of(items, total, paging)


@router.post("/training-runs", status_code=202)
async def request_training(session: SessionDep, actor: Trainer, request: TrainingRequest) -> TrainingRun:
    """Train a new model with the latest data."""
    return await runs.request(session, request, actor=actor.name)


@router.get("/training-runs")
async def list_training_runs(session: SessionDep, _: Reader, paging: PagingDep) -> Page[TrainingRun]:
    """Every run, newest first."""
    items, total = await runs.page(session, paging)
    return Page.of(items, total, paging)


@router.get("/training-runs/{run_id}")
async def get_training_run(session: SessionDep, _: Reader, run_id: UUID) -> TrainingRun:
    """One run."""
    return await runs.get(session, run_id)


@router.post("/training-runs/{run_id}/cancel")
async def cancel_training_run(session: SessionDep, actor: Trainer, run_id: UUID) -> TrainingRun:
    """End a run that has not ended; should it still bring a model, that is rejected."""
    return await runs.cancel(session, run_id, actor=actor.name)


@router.post("/pipeline-runs", status_code=201)
async def report_pipeline(session: SessionDep, actor: Reporter, report: PipelineReport) -> PipelineRun:
    """Say how a stage of a pipeline stands."""
    return await pipelines.report(session, report, actor=actor.name)


@router.get("/pipeline-runs")
async def list_pipeline_runs(session: SessionDep, _: Reader, paging: PagingDep) -> Page[PipelineRun]:
    """Every pipeline run, the one that began last first."""
    items, total = await pipelines.page(session, paging)
    return Page.of(items, total, paging)
