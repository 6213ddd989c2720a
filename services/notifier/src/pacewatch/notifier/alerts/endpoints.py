"""Alerts and deliveries over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER, Page
from pacewatch.contracts.profile import Profile
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, service_router
from pacewatch.notifier.alerts import repository, service
from pacewatch.notifier.deliveries import repository as deliveries
from pacewatch.notifier.mail.addresses import Mailbox
from pacewatch.notifier.schemas import (
    Acknowledgement,
    AlertStatus,
    Delivery,
    DeliveryStatus,
    Dispatched,
    alert_detail_model,
    alert_model,
)

Device = Annotated[Annotated[int, Field(ge=0, le=MAX_INTEGER)] | None, Query(description="this device's alone")]
Reader = Depends(require(Scope.FLEET_READ))


def create_router(profile: Profile, recipients: Sequence[Mailbox]) -> APIRouter:
    """The notifier's routes for one profile."""
    router = service_router("notifier")
    _add_reading(router, profile)
    _add_acting(router, profile, recipients)
    _add_deliveries(router)
    return router


def _add_reading(router: APIRouter, profile: Profile) -> None:
    def told(row: dict[str, Any]) -> dict[str, Any]:
        return row | {profile.device_field: row["device_id"]}

    @router.get("/alerts", response_model=Page[alert_model(profile)], dependencies=[Reader])  # type: ignore[misc]
    async def list_alerts(
        session: SessionDep, paging: PagingDep, status: AlertStatus | None = None, device: Device = None
    ) -> Page[Any]:
        """Alerts, newest first."""
        rows, total = await repository.list_alerts(
            session, status=status, device_id=device, limit=paging.size, offset=paging.offset
        )
        return Page.of([told(row) for row in rows], total, paging)

    @router.get("/alerts/{alert_id}", response_model=alert_detail_model(profile), dependencies=[Reader])
    async def get_alert(session: SessionDep, alert_id: UUID) -> dict[str, Any]:
        """One alert and what became of its mails."""
        return told(await service.get(session, alert_id))


def _add_acting(router: APIRouter, profile: Profile, recipients: Sequence[Mailbox]) -> None:
    @router.post("/alerts/{alert_id}/acknowledge", response_model=alert_model(profile))
    async def acknowledge_alert(
        session: SessionDep,
        alert_id: UUID,
        actor: Annotated[Principal, Depends(require(Scope.ALERTS_ACKNOWLEDGE))],
        body: Acknowledgement | None = None,
    ) -> dict[str, Any]:
        """Take an alert on. Repeated, it answers the same: the first acknowledgement stands."""
        row = await service.acknowledge(session, alert_id, actor.name, body.note if body else "")
        return row | {profile.device_field: row["device_id"]}

    @router.post("/alerts/dispatch", dependencies=[Depends(require(Scope.ALERTS_DISPATCH))])
    async def dispatch_alerts(session: SessionDep) -> Dispatched:
        """Try failed mails again, and tell of open alerts nobody was told of."""
        return await service.dispatch(session, recipients)


def _add_deliveries(router: APIRouter) -> None:
    @router.get("/deliveries", response_model=Page[Delivery], dependencies=[Reader])
    async def list_deliveries(
        session: SessionDep, paging: PagingDep, status: DeliveryStatus | None = None, alert: UUID | None = None
    ) -> Page[Any]:
        """Mails, newest first: sent, on their way, or refused."""
        rows, total = await deliveries.list_deliveries(
            session, status=status, alert_id=alert, limit=paging.size, offset=paging.offset
        )
        return Page.of(rows, total, paging)
