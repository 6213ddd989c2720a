"""Accounts over HTTP, for superusers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page, Paging
from pacewatch.gateway.accounts import repository, service
from pacewatch.gateway.accounts.schemas import NewUser, User, UserChange
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.paging import paging_of
from pacewatch.kit.http.routing import SessionDep

Manager = Annotated[Principal, Depends(require(Scope.USERS_MANAGE))]
FiftyPerPage = Annotated[Paging, paging_of(50)]


def add_routes(router: APIRouter) -> None:
    """users: list, create, change, delete."""

    @router.get("/users", response_model=Page[User])
    async def list_users(session: SessionDep, _actor: Manager, paging: FiftyPerPage) -> Any:
        """Accounts by e-mail address."""
        rows, total = await repository.list_users(session, paging.size, paging.offset)
        return Page.of(rows, total, paging)

    @router.post("/users", response_model=User, status_code=201)
    async def create_user(session: SessionDep, actor: Manager, new: NewUser) -> Any:
        """Create an account."""
        return await service.create_user(session, new, actor.name)

    @router.patch("/users/{user_id}", response_model=User)
    async def change_user(session: SessionDep, actor: Manager, user_id: UUID, change: UserChange) -> Any:
        """Change role or password, disable or enable. Access tokens issued before expire within 15 minutes."""
        return await service.change_user(session, user_id, change, actor.name)

    @router.delete("/users/{user_id}", status_code=204)
    async def delete_user(session: SessionDep, actor: Manager, user_id: UUID) -> None:
        """Delete an account."""
        await service.delete_user(session, user_id, actor.name)
