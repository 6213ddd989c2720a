"""Accounts: made, changed, removed; one superuser always stays."""

from uuid import UUID

from pacewatch.contracts.accounts import Role
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.accounts.repository import Row
from pacewatch.gateway.auth import passwords, refresh_tokens
from pacewatch.gateway.errors import EmailTaken, LastSuperuser, UserNotFound
from pacewatch.gateway.schemas import NewUser, UserChange
from pacewatch.kit import logs
from pacewatch.kit.db import Session

log = logs.get(__name__)


async def ensure_superuser(session: Session, email: str, password: str) -> bool:
    """Make this superuser unless the address has an account; returns whether it was made. An account stays as it is."""
    if await repository.find_account(session, email) is not None:
        return False
    hashed = await passwords.hash_password(password)
    made = await repository.add_user(session, email=email, role=Role.SUPERUSER, password_hash=hashed)
    if made is not None:
        log.info("superuser_created", email=email)
    return made is not None


async def create(session: Session, new: NewUser, by: str) -> Row:
    """A new account; EmailTaken."""
    hashed = await passwords.hash_password(new.password)
    user = await repository.add_user(session, email=new.email, role=new.role, password_hash=hashed)
    if user is None:
        raise EmailTaken()
    log.info("user_created", email=new.email, role=new.role, by=by)
    return user


async def change(session: Session, user_id: UUID, change: UserChange, by: str) -> Row:
    """The account as it is now; UserNotFound, LastSuperuser. A new password or a lock ends its sessions."""
    hashed = await passwords.hash_password(change.password) if change.password is not None else None
    if change.disabled or change.role not in (None, Role.SUPERUSER):
        await _leave_a_superuser(session, user_id)
    user = await repository.change_user(
        session, user_id, role=change.role, password_hash=hashed, disabled=change.disabled
    )
    if user is None:
        raise UserNotFound()
    if hashed is not None or change.disabled:
        await refresh_tokens.revoke_all(session, user_id)
    log.info("user_changed", email=user["email"], role=user["role"], disabled=change.disabled, by=by)
    return user


async def remove(session: Session, user_id: UUID, by: str) -> None:
    """The account is gone, its sessions with it; UserNotFound, LastSuperuser."""
    await _leave_a_superuser(session, user_id)
    if not await repository.delete_user(session, user_id):
        raise UserNotFound()
    log.info("user_removed", user_id=str(user_id), by=by)


async def _leave_a_superuser(session: Session, user_id: UUID) -> None:
    if await repository.lock_superusers(session) == [user_id]:
        raise LastSuperuser()
