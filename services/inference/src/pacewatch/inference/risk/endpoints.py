"""Risks and predictions over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER, Page, Paging
from pacewatch.contracts.risk import RiskLevel, device_risk_model
from pacewatch.inference.risk import service as risks
from pacewatch.inference.risk.schemas import (
    RiskSummary,
    device_detail_model,
    late_finding_model,
    predict_reply_model,
    predict_request_model,
    prediction_model,
)
from pacewatch.inference.service import Inference
from pacewatch.kit.http.auth import require
from pacewatch.kit.http.paging import PagingDep, paging_of
from pacewatch.kit.http.routing import SessionDep, service_router

Instant = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Unix seconds, UTC; included")]
Device = Annotated[int | None, Query(ge=0, le=MAX_INTEGER, description="only of this device")]
Level = Annotated[RiskLevel | None, Query(description="only devices of this level")]
Silent = Annotated[bool, Query(description="also devices that fell behind the fleet's newest reading by the horizon")]
RiskPaging = Annotated[Paging, paging_of(10)]
Superseded = Annotated[bool, Query(description="also scores that a later one of the same reading replaced")]


def create_router(inference: Inference) -> APIRouter:
    """The service's routes for one profile; every one of them only reads."""
    router = service_router("inference")
    router.dependencies.append(Depends(require(Scope.FLEET_READ)))
    _add_risks(router, inference)
    _add_predictions(router, inference)
    return router


def _add_risks(router: APIRouter, inference: Inference) -> None:
    profile = inference.profile

    @router.get("/risk", response_model=Page[device_risk_model(profile)])  # type: ignore[misc]
    async def list_risks(
        session: SessionDep, paging: RiskPaging, level: Level = None, silent: Silent = False
    ) -> Page[Any]:
        """Devices by risk, highest first, each with its newest score, the reading behind it and its reasons."""
        return await risks.risks(session, profile, level, silent=silent, paging=paging)

    @router.get("/risk/summary")
    async def summarize_risks(session: SessionDep) -> RiskSummary:
        """The fleet at a glance: devices by level, open episodes, and the model that says so."""
        return await risks.summary(session, profile)

    @router.get("/risk/late-findings", response_model=Page[late_finding_model(profile)])  # type: ignore[misc]
    async def list_late_findings(session: SessionDep, paging: PagingDep, device: Device = None) -> Page[Any]:
        """Risks that would have raised an alert, had readings come in time; the last to become known first."""
        return await risks.late_findings(session, inference, device, paging)

    @router.get("/risk/{device}", response_model=device_detail_model(profile))
    async def get_risk(session: SessionDep, device: Annotated[int, Path(ge=0, le=MAX_INTEGER)]) -> dict[str, Any]:
        """One device's current risk and its last predictions."""
        return await risks.device(session, profile, device)


def _add_predictions(router: APIRouter, inference: Inference) -> None:
    profile = inference.profile
    request = predict_request_model(profile)

    @router.get("/predictions", response_model=Page[prediction_model(profile)])  # type: ignore[misc]
    async def list_predictions(
        session: SessionDep,
        paging: PagingDep,
        device: Annotated[int, Field(ge=0, le=MAX_INTEGER), Query()],
        from_s: Instant = 0,
        to_s: Instant = MAX_INTEGER,
        superseded: Superseded = False,
    ) -> Page[Any]:
        """A device's scores, newest reading first."""
        span_s = (from_s, to_s)
        return await risks.predictions(session, profile, device, span_s, superseded=superseded, paging=paging)

    @router.post("/predict", response_model=predict_reply_model(profile))
    async def predict(session: SessionDep, body: request) -> dict[str, Any]:  # type: ignore[valid-type]
        """Score the newest reading of each device, given these readings alone; nothing is stored."""
        return await risks.predict(session, inference, body)
