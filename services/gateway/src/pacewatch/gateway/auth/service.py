"""Logging in and refreshing tokens. All times are wall time: a fast fleet clock must not log anybody out."""

from dataclasses import dataclass

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role, Scope, fold_email
from pacewatch.gateway.accounts import repository as accounts
from pacewatch.gateway.accounts import service as changes
from pacewatch.gateway.accounts.managers import open_account
from pacewatch.gateway.accounts.repository import Account
from pacewatch.gateway.auth import throttle
from pacewatch.gateway.auth.schemas import Token
from pacewatch.gateway.credentials import passwords, refresh_tokens, totp
from pacewatch.gateway.credentials.refresh_tokens import Login
from pacewatch.gateway.credentials.revocations import ACCESS_LIFETIME
from pacewatch.gateway.errors import CodeRequired, PasswordUnchanged, TooManyAttempts, WrongCode, WrongCredentials
from pacewatch.gateway.security import repository as security
from pacewatch.gateway.security.kinds import Kind
from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import Unauthorized
from pacewatch.kit.http.auth import Principal, Signer

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Issuer:
    """What signs tokens. If `requires_totp`, a superuser without a second factor may read the fleet and set one up."""

    signer: Signer
    requires_totp: bool = False


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """An access token for the response body, a refresh token for the cookie."""

    access: Token
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody claims to be the owner of an account."""

    email: str
    password: str
    address: str
    code: str = ""
    # What to answer to a wrong password.
    refusal: type[WrongCredentials] = WrongCredentials


async def log_in(database: Database, session: Session, issuer: Issuer, attempt: Attempt) -> IssuedTokens:
    """Tokens for the right password, and code if the account needs one; see `prove`."""
    account = await prove(database, session, attempt)
    await security.add(session, "login", actor=account.email, address=attempt.address)
    return await issue_tokens(session, issuer, account)


async def prove(database: Database, session: Session, attempt: Attempt) -> Account:
    """The account, locked; WrongCredentials, TooManyAttempts, CodeRequired, WrongCode.

    A wrong password, an unknown address and a disabled account take equally long and get the same response.

    The attempt is counted in a transaction of its own. The count must stand even if this request fails, and no
    connection is held while the password is hashed.
    """
    email = fold_email(attempt.email)
    found = await _count(database, email, attempt)
    matches = await passwords.matches(attempt.password, found.password_hash if found else None)
    # As it is now: it may have been disabled, or have another password, since it was found.
    account = await accounts.lock_account(session, found.id) if found is not None and matches else None
    if account is None or account.disabled_at is not None or account.epoch != (found and found.epoch):
        await _record_failure(database, attempt, "login_failed", WrongCredentials.code)
        raise attempt.refusal()
    if account.has_totp:
        account = await _use_code(database, session, account, attempt)
    await throttle.reset_attempts(session, email, attempt.address)
    return account


async def use_first_code(database: Database, session: Session, account: Account, attempt: Attempt) -> None:
    """Check the first code of a locked account and turn its second factor on; TooManyAttempts, WrongCode.

    Counted and recorded as the codes of logins are.
    """
    await _count(database, account.email, attempt)
    await _use_code(database, session, account, attempt)
    await throttle.reset_attempts(session, account.email, attempt.address)


async def refresh(session: Session, issuer: Issuer, refresh_token: str) -> IssuedTokens | None:
    """New tokens for a valid refresh token, with the account's current role; None if the token is not valid.

    None and not an error: a reused token revokes its family, and that must be committed.
    """
    user_id = await refresh_tokens.owner(session, refresh_token)
    # Locked before the token is used: if the account is changed first, its tokens have ended; if later, the new one is
    # among those that the change ends.
    account = await accounts.lock_account(session, user_id) if user_id is not None else None
    login = await refresh_tokens.use(session, refresh_token)
    if login is None or account is None or account.disabled_at is not None:
        return None
    return await issue_tokens(session, issuer, account, login)


async def change_password(
    database: Database, session: Session, issuer: Issuer, principal: Principal, attempt: Attempt, new_password: str
) -> IssuedTokens:
    """Change the caller's own password, who gives the old one; the caller gets new tokens, all others end."""
    if new_password == attempt.password:
        raise PasswordUnchanged()
    account = await prove(database, session, attempt)
    _require_same(account, principal)
    password_hash = await passwords.hash_password(new_password)
    account = await changes.set_own_password(session, account, password_hash, attempt.address)
    log.info("password_changed", email=account.email)
    return await issue_tokens(session, issuer, account)


async def check_account_is_open(session: Session, principal: Principal) -> None:
    """Unauthorized if the caller's account was closed or changed after its token was issued; API keys have none."""
    if principal.role in set(Role):
        await open_account(session, principal)


async def issue_tokens(session: Session, issuer: Issuer, account: Account, login: Login | None = None) -> IssuedTokens:
    """Tokens of a locked account: of this login, or of a new one."""
    role = Role(account.role)
    must_enrol = issuer.requires_totp and role is Role.SUPERUSER and not account.has_totp
    access_token = issuer.signer.sign(
        account.email,
        role=role,
        scopes={Scope.FLEET_READ} if must_enrol else SCOPES_BY_ROLE[role],
        lifetime=ACCESS_LIFETIME,
        **({"lacks_second_factor": True} if must_enrol else {}),
        account=str(account.id),
        epoch=account.epoch,
    )
    access = Token(access_token=access_token, expires_in=int(ACCESS_LIFETIME.total_seconds()))
    return IssuedTokens(access, await refresh_tokens.issue(session, account.id, login))


async def _count(database: Database, email: str, attempt: Attempt) -> Account | None:
    """Count the attempt in a transaction of its own; the account with this address. TooManyAttempts."""
    async with database.transaction("gateway") as counting:
        wait_s = await throttle.count_attempt(counting, email, attempt.address)
        found = await accounts.find_account(counting, email)
    if wait_s:
        await _record_failure(database, attempt, "login_failed", TooManyAttempts.code)
        raise TooManyAttempts(wait_s)
    return found


async def _use_code(database: Database, session: Session, account: Account, attempt: Attempt) -> Account:
    """Check the code of a locked account, which can then not be used again; CodeRequired, WrongCode."""
    assert account.totp_secret is not None  # noqa: S101 - every caller has looked
    if not attempt.code:
        await _record_failure(database, attempt, "code_required")
        raise CodeRequired()
    step = totp.step_of(account.totp_secret, attempt.code, after=account.totp_last_step)
    if step is None:
        await _record_failure(database, attempt, "wrong_code")
        raise WrongCode()
    await accounts.set_totp(session, account.id, account.totp_secret, confirmed=True, last_step=step)
    return account._replace(totp_last_step=step)


async def _record_failure(database: Database, attempt: Attempt, kind: Kind, detail: str = "") -> None:
    """In a transaction of its own: that of the request is rolled back. Counted, because guesses come in floods."""
    email = fold_email(attempt.email)
    log.info("login_refused", email=email, reason=detail or kind)
    async with database.transaction("gateway") as recording:
        # What no account is called is a text of a stranger: such attempts of an address are counted together.
        actor = email if await accounts.find_account(recording, email) else ""
        await security.count_failure(recording, kind, actor=actor, address=attempt.address, detail=detail)


def _require_same(account: Account, principal: Principal) -> None:
    if (str(account.id), account.epoch) != (principal.account_id, principal.epoch):
        raise Unauthorized("this account was closed or changed; log in again")
