"""Alerts over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page, Paging
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import DecidedBy
from pacewatch.kit.db import Session
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep
from pacewatch.kit.http.tables import CSV_RESPONSES, FormatQuery, ListFormat, page_or_table
from pacewatch.kit.tables.device_names import DeviceText, id_of, with_names
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.alerts import repository, service
from pacewatch.notifier.alerts.repository import Row
from pacewatch.notifier.alerts.schemas import (
    Acknowledgement,
    AlertStatus,
    Dispatched,
    alert_detail_model,
    alert_model,
)

DeviceFilter = Annotated[DeviceText | None, Query(description="only alerts of this device")]
StatusFilter = Annotated[AlertStatus | None, Query(description="only alerts of this status")]
Reader = Depends(require(Scope.FLEET_READ))


def add_routes(router: APIRouter, profile: Profile, recipients: Sequence[Mailbox]) -> None:
    """alerts: list, read, acknowledge, dispatch."""
    _add_read_routes(router, profile)
    _add_write_routes(router, profile, recipients)


def _add_read_routes(router: APIRouter, profile: Profile) -> None:
    alert = alert_model(profile)

    @router.get("/alerts", response_model=Page[alert], responses=CSV_RESPONSES, dependencies=[Reader])  # type: ignore[valid-type]
    async def list_alerts(
        session: SessionDep,
        paging: PagingDep,
        status: StatusFilter = None,
        device_id: DeviceFilter = None,
        kind: FormatQuery = ListFormat.JSON,
    ) -> Any:
        """Alerts, newest first."""
        device = None if device_id is None else await id_of(session, device_id)

        async def read(paging: Paging) -> Page[Any]:
            rows, total = await repository.list_alerts(
                session, status=status, device_id=device, limit=paging.size, offset=paging.offset
            )
            return Page.of(await _to_responses(session, profile, rows), total, paging)

        return await page_or_table(kind, paging, read, alert, name="alerts", spread={"signals": profile.signal_names})

    @router.get("/alerts/{alert_id}", response_model=alert_detail_model(profile), dependencies=[Reader])
    async def get_alert(session: SessionDep, alert_id: UUID) -> dict[str, Any]:
        """One alert and its deliveries."""
        return (await _to_responses(session, profile, [await service.get(session, alert_id)]))[0]


def _add_write_routes(router: APIRouter, profile: Profile, recipients: Sequence[Mailbox]) -> None:
    @router.post("/alerts/{alert_id}/acknowledge", response_model=alert_model(profile))
    async def acknowledge_alert(
        session: SessionDep,
        alert_id: UUID,
        actor: Annotated[Principal, Depends(require(Scope.ALERTS_ACKNOWLEDGE))],
        body: Acknowledgement | None = None,
    ) -> dict[str, Any]:
        """Acknowledge an alert. Only the first acknowledgement counts; a repeated one returns the same response."""
        note = body.note if body else ""
        alert = await service.acknowledge(session, alert_id, actor.name, note)
        return (await _to_responses(session, profile, [alert]))[0]

    @router.post("/alerts/dispatch", dependencies=[Depends(require(Scope.ALERTS_DISPATCH))])
    async def dispatch_alerts(session: SessionDep) -> Dispatched:
        """Try failed deliveries again, and create deliveries for open alerts that have none."""
        return await service.dispatch(session, recipients)


async def _to_responses(session: Session, profile: Profile, rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        row
        | {
            profile.device_field: row["device_id"],
            "decided_by": row["decided_by"] or DecidedBy.MODEL,
            "measured_at": row["timestamp"],
        }
        for row in await with_names(session, rows)
    ]
