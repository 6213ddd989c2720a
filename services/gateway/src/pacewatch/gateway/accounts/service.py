"""Creates, changes and deletes accounts; one superuser always remains."""

from uuid import UUID

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.accounts.managers import Actor
from pacewatch.gateway.accounts.repository import Account, Row
from pacewatch.gateway.accounts.schemas import NewUser, UserChange
from pacewatch.gateway.credentials import passwords, revocations
from pacewatch.gateway.errors import EmailTaken, LastSuperuser, UserNotFound
from pacewatch.gateway.security import repository as security
from pacewatch.gateway.security.kinds import Kind
from pacewatch.kit import logs
from pacewatch.kit.db import Session

log = logs.get(__name__)


async def ensure_superuser(session: Session, email: str, password: str) -> bool:
    """Create the first account, a superuser; whether it was created. A deployment with any account keeps those it has.

    Otherwise the setting would bring an account back that a superuser had deleted.
    """
    if not await repository.lock_empty_table(session):
        return False
    password_hash = await passwords.hash_password(password)
    created = await repository.add_user(session, email=email, role=Role.SUPERUSER, password_hash=password_hash)
    if created is not None:
        log.info("superuser_created", email=email)
        await security.add(session, "account_created", actor="", address="", detail=f"{email}: first superuser")
    return created is not None


async def create_user(session: Session, new: NewUser, by: Actor) -> Row:
    """The new account; EmailTaken."""
    password_hash = await passwords.hash_password(new.password)
    user = await repository.add_user(session, email=new.email, role=new.role, password_hash=password_hash)
    if user is None:
        raise EmailTaken()
    log.info("user_created", email=new.email, role=new.role, by=by.name)
    await security.record(session, "account_created", by, f"{new.email}: {new.role}")
    return user


async def change_user(session: Session, user_id: UUID, change: UserChange, by: Actor) -> Row:
    """The changed account; UserNotFound, LastSuperuser.

    Disabling it, taking scopes from it, or changing its password ends its logins, its tokens, and the keys it made.
    Without its second factor it keeps the keys.
    """
    password_hash = await passwords.hash_password(change.password) if change.password is not None else None
    if change.disabled or change.role not in (None, Role.SUPERUSER):
        await _require_another_superuser(session, user_id)
    before = await _lock(session, user_id)
    ends = bool(password_hash or (change.disabled and before.disabled_at is None) or _is_demoted(before, change.role))
    loses_totp = change.reset_totp and before.has_totp
    user = await repository.change_user(
        session,
        user_id,
        role=change.role,
        password_hash=password_hash,
        disabled=change.disabled,
        resets_totp=change.reset_totp,
        ends=ends or loses_totp,
    )
    if ends:
        await _end(session, before, by)
    elif loses_totp:
        await revocations.end_tokens(session, before.id, before.epoch + 1)
    log.info("user_changed", email=user["email"], role=user["role"], disabled=change.disabled, by=by.name)
    for kind, detail in _changes(before, change):
        await security.record(session, kind, by, f"{before.email}{detail}")
    return user


async def delete_user(session: Session, user_id: UUID, by: Actor) -> None:
    """Delete the account and end all that it had; UserNotFound, LastSuperuser."""
    await _require_another_superuser(session, user_id)
    account = await _lock(session, user_id)
    await _end(session, account._replace(epoch=revocations.DELETED - 1), by)
    await repository.delete_user(session, user_id)
    log.info("user_removed", user_id=str(user_id), by=by.name)
    await security.record(session, "account_deleted", by, account.email)


async def set_own_password(session: Session, account: Account, password_hash: str, address: str) -> Account:
    """Change the password of a locked account, and end all that it had; returns the account."""
    by = Actor(account.email, address, account.id)
    await repository.change_user(session, account.id, password_hash=password_hash, ends=True)
    await _end(session, account, by)
    await security.record(session, "password_changed", by, account.email)
    return account._replace(epoch=account.epoch + 1)


async def _end(session: Session, account: Account, by: Actor) -> None:
    """End what the account had until its epoch was raised."""
    for key_id in await revocations.end_account(session, account.id, account.epoch + 1):
        await security.record(session, "key_revoked", by, f"key:{key_id}, made by {account.email}")


def _is_demoted(before: Account, role: Role | None) -> bool:
    return role is not None and not SCOPES_BY_ROLE[role] >= SCOPES_BY_ROLE[Role(before.role)]


def _changes(before: Account, change: UserChange) -> list[tuple[Kind, str]]:
    """The security events of a change: kinds, and what follows the address."""
    changes: list[tuple[Kind, str]] = []
    if change.role is not None and change.role != before.role:
        changes.append(("role_changed", f": {before.role} to {change.role}"))
    if change.password is not None:
        changes.append(("password_changed", ""))
    if change.disabled is not None and change.disabled is (before.disabled_at is None):
        changes.append(("account_disabled" if change.disabled else "account_enabled", ""))
    if change.reset_totp and before.totp_secret is not None:
        changes.append(("totp_removed", ""))
    return changes


async def _lock(session: Session, user_id: UUID) -> Account:
    account = await repository.lock_account(session, user_id)
    if account is None:
        raise UserNotFound()
    return account


async def _require_another_superuser(session: Session, user_id: UUID) -> None:
    if await repository.lock_superusers(session) == [user_id]:
        raise LastSuperuser()
