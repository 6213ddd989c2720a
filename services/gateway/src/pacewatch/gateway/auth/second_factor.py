"""A second factor for superusers: a secret is shown, confirmed by its first code, and asked for at each login."""

from dataclasses import dataclass

from pacewatch.contracts.accounts import Role
from pacewatch.gateway.accounts import repository as accounts
from pacewatch.gateway.accounts.managers import open_account
from pacewatch.gateway.accounts.repository import Account
from pacewatch.gateway.auth import service
from pacewatch.gateway.auth.schemas import TotpSecret
from pacewatch.gateway.auth.service import Attempt, IssuedTokens, Issuer
from pacewatch.gateway.credentials import revocations, totp
from pacewatch.gateway.errors import NotForRole, TotpKnown, TotpUnknown, WrongOwnPassword
from pacewatch.gateway.security import repository as security
from pacewatch.kit.db import Database, Session
from pacewatch.kit.http.auth import Principal


@dataclass(frozen=True, slots=True)
class Caller:
    """A logged-in person, and the address of the request."""

    principal: Principal
    address: str


async def begin(database: Database, session: Session, caller: Caller, password: str) -> TotpSecret:
    """A new secret for the caller, who gives the password; it counts once it is confirmed. NotForRole, TotpKnown."""
    account = await _superuser(session, caller)
    if account.has_totp:
        raise TotpKnown()
    await service.prove(database, session, Attempt(account.email, password, caller.address, refusal=WrongOwnPassword))
    secret = totp.new_secret()
    await accounts.set_totp(session, account.id, secret, confirmed=False)
    return TotpSecret(secret=secret, uri=totp.uri(secret, account.email))


async def confirm(database: Database, session: Session, issuer: Issuer, caller: Caller, code: str) -> IssuedTokens:
    """Turn the second factor on; WrongCode, TooManyAttempts, TotpUnknown, TotpKnown. The new tokens have all scopes.

    All other logins and tokens end: who logged in with the password alone must show a code, too. Keys stay.
    """
    account = await _superuser(session, caller)
    if account.has_totp:
        raise TotpKnown()
    if account.totp_secret is None:
        raise TotpUnknown()
    await service.use_first_code(database, session, account, Attempt(account.email, "", caller.address, code))
    await accounts.change_user(session, account.id, ends=True)
    await revocations.end_tokens(session, account.id, account.epoch + 1)
    await security.add(session, "totp_enabled", actor=account.email, address=caller.address)
    current = await accounts.lock_account(session, account.id)
    assert current is not None  # noqa: S101 - it is locked
    return await service.issue_tokens(session, issuer, current)


async def remove(database: Database, session: Session, caller: Caller, password: str, code: str) -> None:
    """Turn the second factor off, by password and code; the caller's logins and tokens end. TotpUnknown."""
    account = await open_account(session, caller.principal)
    if not account.has_totp:
        raise TotpUnknown()
    await service.prove(database, session, Attempt(account.email, password, caller.address, code, WrongOwnPassword))
    await accounts.change_user(session, account.id, resets_totp=True, ends=True)
    await revocations.end_tokens(session, account.id, account.epoch + 1)
    await security.add(session, "totp_removed", actor=account.email, address=caller.address, detail=account.email)


async def _superuser(session: Session, caller: Caller) -> Account:
    account = await open_account(session, caller.principal)
    if account.role != Role.SUPERUSER:
        raise NotForRole()
    return account
