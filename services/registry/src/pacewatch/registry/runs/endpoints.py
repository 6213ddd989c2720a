"""Training runs over HTTP: request, list, cancel."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page
from pacewatch.contracts.training import TrainingRequest, TrainingRun
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.registry.runs import schedule, service
from pacewatch.registry.runs.schemas import TrainingSchedule
from pacewatch.registry.settings import RegistrySettings

router = service_router("registry")

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
Trainer = Annotated[Principal, Depends(require(Scope.TRAINING_RUN))]


@router.post("/training-runs", status_code=202)
async def request_training(session: SessionDep, actor: Trainer, request: TrainingRequest) -> TrainingRun:
    """Train a new model on the latest data."""
    return await service.request_run(session, request, actor=actor.name)


@router.get("/training-runs")
async def list_training_runs(session: SessionDep, _: Reader, paging: PagingDep) -> Page[TrainingRun]:
    """Every training run, newest first."""
    items, total = await service.list_runs(session, paging)
    return Page.of(items, total, paging)


def schedule_router(settings: RegistrySettings) -> APIRouter:
    """The route of the schedule, to be included before `router`: there its name would be taken for the id of a run."""
    router = service_router("registry")

    @router.get("/training-runs/schedule")
    async def get_training_schedule(session: SessionDep, _: Reader) -> TrainingSchedule:
        """When the schedule requests the next training run, and what it still needs."""
        return await schedule.show(session, settings)

    return router


@router.get("/training-runs/{run_id}")
async def get_training_run(session: SessionDep, _: Reader, run_id: UUID) -> TrainingRun:
    """One training run."""
    return await service.get_run(session, run_id)


@router.post("/training-runs/{run_id}/cancel")
async def cancel_training_run(session: SessionDep, actor: Trainer, run_id: UUID) -> TrainingRun:
    """Cancel an open run. If the trainer still delivers a model for it, the registry rejects that model."""
    return await service.cancel_run(session, run_id, actor=actor.name)
