"""HTTP endpoints of risks and predictions."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER, Page, Paging
from pacewatch.contracts.http.times import QueryTime
from pacewatch.contracts.risk import RiskLevel, device_risk_model
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST
from pacewatch.inference.risk import service
from pacewatch.inference.risk.predict import score_request
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
from pacewatch.kit.http.routing import SessionDep, service_router, takes_body
from pacewatch.kit.http.tables import CSV_RESPONSES, FormatQuery, ListFormat, page_or_table
from pacewatch.kit.tables.device_names import DeviceText

From = Annotated[QueryTime, Query(alias="from", description="only readings at or after this time")]
To = Annotated[QueryTime, Query(alias="to", description="only readings at or before this time")]
Device = Annotated[DeviceText | None, Query(description="only of this device")]
Level = Annotated[RiskLevel | None, Query(description="only devices of this level")]
Silent = Annotated[bool, Query(description="also silent devices, behind the fleet by more than the horizon")]
RiskPaging = Annotated[Paging, paging_of(10)]
Superseded = Annotated[bool, Query(description="also scores that a later score of the same reading supersedes")]
_VALUE_BYTES: Final = 64


def create_router(inference: Inference) -> APIRouter:
    """The routes of the service for one profile; all of them only read."""
    router = service_router("inference")
    router.dependencies.append(Depends(require(Scope.FLEET_READ)))
    _add_risks(router, inference)
    _add_predictions(router, inference)
    return router


def _add_risks(router: APIRouter, inference: Inference) -> None:
    profile = inference.profile

    risk_model = device_risk_model(profile)

    @router.get("/risk", response_model=Page[risk_model], responses=CSV_RESPONSES)  # type: ignore[valid-type]
    async def list_risks(
        session: SessionDep,
        paging: RiskPaging,
        level: Level = None,
        silent: Silent = False,
        kind: FormatQuery = ListFormat.JSON,
    ) -> Any:
        """Devices, the most urgent first, each with its newest score, the reading it is about and its factors."""
        spread = {"signals": profile.signal_names, "contributions": ()}

        async def read(paging: Paging) -> Page[Any]:
            return await service.list_risks(session, profile, level, silent=silent, paging=paging)

        return await page_or_table(kind, paging, read, risk_model, name="risks", spread=spread)

    @router.get("/risk/summary")
    async def get_risk_summary(session: SessionDep) -> RiskSummary:
        """The fleet at a glance: devices by level, open episodes, and the active model."""
        return await service.summarize_risks(session, profile)

    @router.get("/risk/late-findings", response_model=Page[late_finding_model(profile)])  # type: ignore[misc]
    async def list_late_findings(session: SessionDep, paging: PagingDep, device_id: Device = None) -> Page[Any]:
        """Scores that would have raised an alert if no reading had been late; the latest to become known first."""
        return await service.list_late_findings(session, inference, device_id, paging)

    @router.get("/risk/{device_id}", response_model=device_detail_model(profile))
    async def get_risk(session: SessionDep, device_id: Annotated[DeviceText, Path()]) -> dict[str, Any]:
        """One device's current risk and its last predictions."""
        return await service.get_risk(session, inference, device_id)


def _add_predictions(router: APIRouter, inference: Inference) -> None:
    profile = inference.profile
    request = predict_request_model(profile)
    # The most rows: of each a device, a timestamp and the signals, with their names.
    limit_bytes = MAX_ROWS_PER_REQUEST * (2 + len(profile.signal_names)) * _VALUE_BYTES

    @router.get("/predictions", response_model=Page[prediction_model(profile)])  # type: ignore[misc]
    async def list_predictions(
        session: SessionDep,
        paging: PagingDep,
        device_id: Annotated[DeviceText, Query()],
        from_s: From = 0,
        to_s: To = MAX_INTEGER,
        superseded: Superseded = False,
    ) -> Page[Any]:
        """A device's scores, newest reading first."""
        span_s = (from_s, to_s)
        return await service.list_predictions(session, profile, device_id, span_s, superseded=superseded, paging=paging)

    @router.post("/predict", response_model=predict_reply_model(profile))
    @takes_body(limit_bytes)
    async def predict(session: SessionDep, body: request) -> dict[str, Any]:  # type: ignore[valid-type]
        """Score the newest reading of each device from these readings alone; nothing is stored."""
        return await score_request(session, inference, body)
