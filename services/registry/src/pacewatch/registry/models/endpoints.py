"""Models and activations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page
from pacewatch.contracts.models import Activation, Model
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.registry.models import service
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.models.schemas import ActivateRequest, PromoteRequest, RollbackRequest

router = service_router("registry")

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
Manager = Annotated[Principal, Depends(require(Scope.MODELS_MANAGE))]
IncludeDeleted = Annotated[bool, Query(description="also list deleted versions")]
VersionPath = Annotated[str, Path(pattern=r"^\d{8}T\d{6}Z$")]


@router.get("/models")
async def list_models(
    session: SessionDep, _: Reader, paging: PagingDep, include_deleted: IncludeDeleted = False
) -> Page[Model]:
    """Every version, newest first."""
    items, total = await service.list_models(session, paging, include_deleted=include_deleted)
    return Page.of(items, total, paging)


@router.get("/models/active")
async def get_active_model(session: SessionDep, _: Reader) -> Model:
    """The version that scores now."""
    return await service.get_active(session)


@router.get("/models/{version}")
async def get_model(session: SessionDep, _: Reader, version: VersionPath) -> Model:
    """One version with its gate results."""
    return await service.get(session, version)


@router.delete("/models/{version}")
async def delete_model(session: SessionDep, actor: Manager, version: VersionPath) -> Model:
    """Delete a version; its record stays for audit."""
    return await service.delete(session, version, actor=actor.name)


@router.get("/activations")
async def list_activations(session: SessionDep, _: Reader, paging: PagingDep) -> Page[Activation]:
    """Every change of the active model, newest first."""
    items, total = await service.list_activations(session, paging)
    return Page.of(items, total, paging)


def activation_router(checker: ArtifactChecker) -> APIRouter:
    """The routes by which a person decides which model scores; `checker` looks first whether it can."""
    router = service_router("registry")

    @router.post("/models/rollback")
    async def roll_back(session: SessionDep, actor: Manager, request: RollbackRequest | None = None) -> Model:
        """Return to the version that was active before; a 409 says what to do if that one cannot be opened."""
        reason = (request or RollbackRequest()).reason
        return await service.roll_back(session, checker, actor=actor.name, reason=reason)

    @router.post("/models/{version}/activate")
    async def activate_model(
        session: SessionDep, actor: Manager, version: VersionPath, request: ActivateRequest | None = None
    ) -> Model:
        """Let an accepted version score from now on; a 409 says what to do if it cannot be opened."""
        return await service.activate(session, checker, version, request or ActivateRequest(), actor=actor.name)

    @router.post("/models/{version}/promote")
    async def promote_model(
        session: SessionDep, actor: Manager, version: VersionPath, request: PromoteRequest
    ) -> Model:
        """Let a version score that the gate kept back: a person signs, with a reason."""
        return await service.promote(session, checker, version, request, actor=actor)

    return router
