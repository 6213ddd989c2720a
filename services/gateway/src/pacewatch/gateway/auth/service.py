"""Logging in, staying in, logging out. All of it in wall time: a fast fleet clock logs nobody out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.accounts.repository import Account
from pacewatch.gateway.auth import passwords, refresh_tokens, throttle
from pacewatch.gateway.errors import WrongCredentials
from pacewatch.gateway.schemas import Token
from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.http.auth import Signer

ACCESS_LIFETIME: Final = timedelta(minutes=15)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """An access token for the page, a refresh token for the cookie."""

    token: Token
    refresh_token: str


@dataclass(frozen=True, slots=True)
class MustWait:
    """Too many attempts; `seconds` until the next."""

    seconds: int


async def log_in(
    database: Database, session: Session, signer: Signer, email: str, password: str
) -> LoggedIn | MustWait:
    """WrongCredentials, equally fast for a wrong password, an unknown address and a locked account.

    The attempt is counted in a transaction of its own: it must stand whatever comes after, and no connection is held
    while the password is hashed.
    """
    async with database.transaction("gateway") as counting:
        wait_s = await throttle.admit(counting, email)
        account = await repository.find_account(counting, email)
    if wait_s:
        return MustWait(wait_s)
    matches = await passwords.matches(password, account.password_hash if account else None)
    if account is None or not matches or account.disabled_at is not None:
        log.info("login_refused", email=email)
        raise WrongCredentials()
    await throttle.forget(session, email)
    return await _welcome(session, signer, account)


async def refresh(session: Session, signer: Signer, refresh_token: str) -> LoggedIn | None:
    """New tokens for a good refresh token, with the role its user has now; None if it is not good.

    None and not an error: a reused token revokes its family, and that must be committed.
    """
    used = await refresh_tokens.use(session, refresh_token)
    if used is None:
        return None
    user_id, family = used
    account = await repository.get_account(session, user_id)
    if account is None or account.disabled_at is not None:
        return None
    return await _welcome(session, signer, account, family)


async def _welcome(session: Session, signer: Signer, account: Account, family: UUID | None = None) -> LoggedIn:
    access = signer.sign(
        account.email, role=account.role, scopes=SCOPES_BY_ROLE[Role(account.role)], lifetime=ACCESS_LIFETIME
    )
    token = Token(access_token=access, expires_in=int(ACCESS_LIFETIME.total_seconds()))
    return LoggedIn(token, await refresh_tokens.issue(session, account.id, family))
