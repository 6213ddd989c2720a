"""Who may change accounts and keys: decided by the account as it is now, not as its token says."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role, Scope
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.accounts.repository import Account
from pacewatch.kit.db import Session
from pacewatch.kit.errors import Forbidden, Unauthorized
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.routing import SessionDep
from pacewatch.kit.http.security import client_address


@dataclass(frozen=True, slots=True)
class Actor:
    """An account that acts, and from where."""

    name: str
    address: str = ""
    account_id: UUID | None = None


async def open_account(session: Session, principal: Principal) -> Account:
    """The caller's account, locked; Unauthorized if it was closed or changed since the token was signed."""
    account = await repository.lock_account(session, UUID(principal.account_id)) if principal.account_id else None
    if account is None or account.disabled_at is not None or account.epoch != principal.epoch:
        raise Unauthorized("this account was closed or changed; log in again, or ask a superuser")
    return account


async def _manager(
    request: Request, session: SessionDep, principal: Annotated[Principal, Depends(require(Scope.USERS_MANAGE))]
) -> Actor:
    await repository.lock_changes(session)
    account = await open_account(session, principal)
    if Scope.USERS_MANAGE not in SCOPES_BY_ROLE[Role(account.role)]:
        raise Forbidden()
    return Actor(account.email, client_address(request), account.id)


Manager = Annotated[Actor, Depends(_manager)]
