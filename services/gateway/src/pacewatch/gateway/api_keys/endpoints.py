"""API keys over HTTP, for superusers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page, Paging
from pacewatch.gateway.accounts.managers import Manager
from pacewatch.gateway.api_keys import repository, service
from pacewatch.gateway.api_keys.schemas import ApiKey, IssuedApiKey, NewApiKey
from pacewatch.kit.http.auth import Signer, require
from pacewatch.kit.http.paging import paging_of
from pacewatch.kit.http.routing import SessionDep

FiftyPerPage = Annotated[Paging, paging_of(50)]


def add_routes(router: APIRouter, signer: Signer) -> None:
    """api-keys: list, create, revoke."""

    @router.get("/api-keys", response_model=Page[ApiKey], dependencies=[Depends(require(Scope.USERS_MANAGE))])
    async def list_api_keys(session: SessionDep, paging: FiftyPerPage) -> Any:
        """Keys, newest first, without their tokens."""
        rows, total = await repository.list_keys(session, paging.size, paging.offset)
        return Page.of(rows, total, paging)

    @router.post("/api-keys", response_model=IssuedApiKey, status_code=201)
    async def create_api_key(session: SessionDep, actor: Manager, new: NewApiKey) -> Any:
        """Create a key; only this response shows its token. It ends with the account that made it."""
        return await service.create_key(session, signer, new, actor)

    @router.delete("/api-keys/{key_id}", status_code=204)
    async def revoke_api_key(session: SessionDep, actor: Manager, key_id: UUID) -> None:
        """Revoke a key; an id that is not known here is entered as revoked."""
        await service.revoke_key(session, key_id, actor)
