"""Deliveries over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page
from pacewatch.kit.http.auth import require
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep
from pacewatch.notifier.deliveries import repository
from pacewatch.notifier.deliveries.schemas import Delivery, DeliveryStatus

StatusFilter = Annotated[DeliveryStatus | None, Query(description="only mails of this status")]
AlertFilter = Annotated[UUID | None, Query(description="only mails of this alert")]
Reader = Depends(require(Scope.FLEET_READ))


def add_routes(router: APIRouter) -> None:
    """deliveries: list."""

    @router.get("/deliveries", response_model=Page[Delivery], dependencies=[Reader])
    async def list_deliveries(
        session: SessionDep, paging: PagingDep, status: StatusFilter = None, alert_id: AlertFilter = None
    ) -> Page[Any]:
        """Mails, newest first: queued, sent or failed."""
        rows, total = await repository.list_deliveries(
            session, status=status, alert_id=alert_id, limit=paging.size, offset=paging.offset
        )
        return Page.of(rows, total, paging)
