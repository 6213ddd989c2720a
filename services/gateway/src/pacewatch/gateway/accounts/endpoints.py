"""Accounts and API keys over HTTP, for superusers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page, Paging
from pacewatch.gateway.accounts import api_keys, repository, service
from pacewatch.gateway.schemas import ApiKey, IssuedApiKey, NewApiKey, NewUser, User, UserChange
from pacewatch.kit.http.auth import Principal, Signer, require
from pacewatch.kit.http.paging import paging_of
from pacewatch.kit.http.routing import SessionDep

Manager = Annotated[Principal, Depends(require(Scope.USERS_MANAGE))]
PagingDep = Annotated[Paging, paging_of(50)]


def add_user_routes(router: APIRouter) -> None:
    """users: list, make, change, remove."""

    @router.get("/users", response_model=Page[User])
    async def list_users(session: SessionDep, _actor: Manager, paging: PagingDep) -> Any:
        """Accounts by e-mail address."""
        rows, total = await repository.list_users(session, paging.size, paging.offset)
        return Page.of(rows, total, paging)

    @router.post("/users", response_model=User, status_code=201)
    async def create_user(session: SessionDep, actor: Manager, new: NewUser) -> Any:
        """Make an account."""
        return await service.create(session, new, actor.name)

    @router.patch("/users/{user_id}", response_model=User)
    async def change_user(session: SessionDep, actor: Manager, user_id: UUID, change: UserChange) -> Any:
        """Change role or password, lock or unlock. Tokens given out before run out within 15 minutes."""
        return await service.change(session, user_id, change, actor.name)

    @router.delete("/users/{user_id}", status_code=204)
    async def delete_user(session: SessionDep, actor: Manager, user_id: UUID) -> None:
        """Remove an account."""
        await service.remove(session, user_id, actor.name)


def add_key_routes(router: APIRouter, signer: Signer) -> None:
    """api-keys: list, make, revoke."""

    @router.get("/api-keys", response_model=Page[ApiKey])
    async def list_api_keys(session: SessionDep, _actor: Manager, paging: PagingDep) -> Any:
        """Keys, newest first, without their secrets."""
        rows, total = await api_keys.list_keys(session, paging.size, paging.offset)
        return Page.of(rows, total, paging)

    @router.post("/api-keys", response_model=IssuedApiKey, status_code=201)
    async def create_api_key(session: SessionDep, actor: Manager, new: NewApiKey) -> Any:
        """Make a key; its token is shown in this answer and never again."""
        return await api_keys.create(session, signer, new, actor.name)

    @router.delete("/api-keys/{key_id}", status_code=204)
    async def revoke_api_key(session: SessionDep, actor: Manager, key_id: UUID) -> None:
        """Revoke a key."""
        await api_keys.revoke(session, key_id, actor.name)
