"""Accounts over HTTP, for superusers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Page, Paging
from pacewatch.gateway.accounts import repository, service
from pacewatch.gateway.accounts.managers import Manager
from pacewatch.gateway.accounts.schemas import NewUser, User, UserChange
from pacewatch.kit.http.auth import require
from pacewatch.kit.http.paging import paging_of
from pacewatch.kit.http.routing import SessionDep

FiftyPerPage = Annotated[Paging, paging_of(50)]


def add_routes(router: APIRouter) -> None:
    """users: list, create, change, delete."""

    @router.get("/users", response_model=Page[User], dependencies=[Depends(require(Scope.USERS_MANAGE))])
    async def list_users(session: SessionDep, paging: FiftyPerPage) -> Any:
        """Accounts by e-mail address."""
        rows, total = await repository.list_users(session, paging.size, paging.offset)
        return Page.of(rows, total, paging)

    @router.post("/users", response_model=User, status_code=201)
    async def create_user(session: SessionDep, actor: Manager, new: NewUser) -> Any:
        """Create an account."""
        return await service.create_user(session, new, actor)

    @router.patch("/users/{user_id}", response_model=User)
    async def change_user(session: SessionDep, actor: Manager, user_id: UUID, change: UserChange) -> Any:
        """Change role or password, disable or enable; what ends the account's logins ends its tokens and keys, too."""
        return await service.change_user(session, user_id, change, actor)

    @router.delete("/users/{user_id}", status_code=204)
    async def delete_user(session: SessionDep, actor: Manager, user_id: UUID) -> None:
        """Delete an account, its tokens, and the keys it made."""
        await service.delete_user(session, user_id, actor)
