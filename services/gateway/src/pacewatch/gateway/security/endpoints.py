"""Security events over HTTP, for superusers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from pacewatch.contracts.accounts import Scope, fold_email
from pacewatch.contracts.base import Name, Page, Paging
from pacewatch.gateway.security import repository
from pacewatch.gateway.security.kinds import Kind
from pacewatch.gateway.security.schemas import SecurityEvent
from pacewatch.kit.http.auth import require
from pacewatch.kit.http.paging import paging_of
from pacewatch.kit.http.routing import SessionDep

FiftyPerPage = Annotated[Paging, paging_of(50)]
# Stored in lower case: e-mail addresses are folded when they arrive, and ids of keys have no other letters.
ActorQuery = Annotated[
    Annotated[Name, AfterValidator(fold_email)] | None, Query(description="only of this user or key, in any case")
]


def add_routes(router: APIRouter) -> None:
    """security-events: list."""

    @router.get("/security-events", dependencies=[Depends(require(Scope.USERS_MANAGE))])
    async def list_security_events(
        session: SessionDep,
        paging: FiftyPerPage,
        kind: Annotated[Kind | None, Query(description="only of this kind")] = None,
        actor: ActorQuery = None,
    ) -> Page[SecurityEvent]:
        """Logins, refusals, uses of keys and changes of accounts, newest first; `total` counts up to 10,000."""
        rows, total = await repository.list_events(
            session, kind=kind, actor=actor, limit=paging.size, offset=paging.offset
        )
        return Page.of([SecurityEvent(**row) for row in rows], total, paging)
