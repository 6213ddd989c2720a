"""Logging in and refreshing tokens. All times are wall time: a fast fleet clock must not log anybody out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts import repository as accounts
from pacewatch.gateway.accounts.repository import Account
from pacewatch.gateway.auth import throttle
from pacewatch.gateway.auth.schemas import Token
from pacewatch.gateway.credentials import passwords, refresh_tokens
from pacewatch.gateway.errors import WrongCredentials
from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import Unauthorized
from pacewatch.kit.http.auth import Principal, Signer

ACCESS_LIFETIME: Final = timedelta(minutes=15)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """An access token for the response body, a refresh token for the cookie."""

    access: Token
    refresh_token: str


@dataclass(frozen=True, slots=True)
class TooManyAttempts:
    """The account is throttled; the next attempt is possible after `wait_s`."""

    wait_s: int


async def log_in(
    database: Database, session: Session, signer: Signer, email: str, password: str
) -> IssuedTokens | TooManyAttempts:
    """Tokens for the right password; WrongCredentials.

    A wrong password, an unknown address and a disabled account take equally long and get the same response.

    The attempt is counted in a transaction of its own. The count must stand even if this request fails, and no
    connection is held while the password is hashed.
    """
    async with database.transaction("gateway") as counting:
        wait_s = await throttle.count_attempt(counting, email)
        account = await accounts.find_account(counting, email)
    if wait_s:
        return TooManyAttempts(wait_s)
    matches = await passwords.matches(password, account.password_hash if account else None)
    if account is None or not matches or account.disabled_at is not None:
        log.info("login_refused", email=email)
        raise WrongCredentials()
    await throttle.reset_attempts(session, email)
    return await _issue_tokens(session, signer, account)


async def refresh(session: Session, signer: Signer, refresh_token: str) -> IssuedTokens | None:
    """New tokens for a valid refresh token, with the account's current role; None if the token is not valid.

    None and not an error: a reused token revokes its family, and that must be committed.
    """
    used = await refresh_tokens.use(session, refresh_token)
    if used is None:
        return None
    user_id, family = used
    account = await accounts.get_account(session, user_id)
    if account is None or account.disabled_at is not None:
        return None
    return await _issue_tokens(session, signer, account, family)


async def check_account_is_open(session: Session, actor: Principal) -> None:
    """Unauthorized if the caller's account was deleted or disabled after its token was issued; API keys have none."""
    if actor.role not in set(Role):
        return
    account = await accounts.find_account(session, actor.name)
    if account is None or account.disabled_at is not None:
        raise Unauthorized("this account is closed; ask a superuser")


async def _issue_tokens(session: Session, signer: Signer, account: Account, family: UUID | None = None) -> IssuedTokens:
    access_token = signer.sign(
        account.email, role=account.role, scopes=SCOPES_BY_ROLE[Role(account.role)], lifetime=ACCESS_LIFETIME
    )
    access = Token(access_token=access_token, expires_in=int(ACCESS_LIFETIME.total_seconds()))
    return IssuedTokens(access, await refresh_tokens.issue(session, account.id, family))
