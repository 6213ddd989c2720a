"""Creates, changes and deletes accounts; one superuser always remains."""

from uuid import UUID

from pacewatch.contracts.accounts import Role
from pacewatch.gateway.accounts import repository
from pacewatch.gateway.accounts.repository import Row
from pacewatch.gateway.accounts.schemas import NewUser, UserChange
from pacewatch.gateway.credentials import passwords, refresh_tokens
from pacewatch.gateway.errors import EmailTaken, LastSuperuser, UserNotFound
from pacewatch.kit import logs
from pacewatch.kit.db import Session

log = logs.get(__name__)


async def ensure_superuser(session: Session, email: str, password: str) -> bool:
    """Create this superuser unless the e-mail address has an account, which stays unchanged; whether it was created."""
    if await repository.find_account(session, email) is not None:
        return False
    password_hash = await passwords.hash_password(password)
    created = await repository.add_user(session, email=email, role=Role.SUPERUSER, password_hash=password_hash)
    if created is not None:
        log.info("superuser_created", email=email)
    return created is not None


async def create_user(session: Session, new: NewUser, by: str) -> Row:
    """The new account; EmailTaken."""
    password_hash = await passwords.hash_password(new.password)
    user = await repository.add_user(session, email=new.email, role=new.role, password_hash=password_hash)
    if user is None:
        raise EmailTaken()
    log.info("user_created", email=new.email, role=new.role, by=by)
    return user


async def change_user(session: Session, user_id: UUID, change: UserChange, by: str) -> Row:
    """The changed account; UserNotFound, LastSuperuser. Disabling it or changing its password ends its sessions."""
    password_hash = await passwords.hash_password(change.password) if change.password is not None else None
    if change.disabled or change.role not in (None, Role.SUPERUSER):
        await _require_another_superuser(session, user_id)
    user = await repository.change_user(
        session, user_id, role=change.role, password_hash=password_hash, disabled=change.disabled
    )
    if user is None:
        raise UserNotFound()
    if password_hash is not None or change.disabled:
        await refresh_tokens.revoke_all(session, user_id)
    log.info("user_changed", email=user["email"], role=user["role"], disabled=change.disabled, by=by)
    return user


async def delete_user(session: Session, user_id: UUID, by: str) -> None:
    """Delete the account and its sessions; UserNotFound, LastSuperuser."""
    await _require_another_superuser(session, user_id)
    if not await repository.delete_user(session, user_id):
        raise UserNotFound()
    log.info("user_removed", user_id=str(user_id), by=by)


async def _require_another_superuser(session: Session, user_id: UUID) -> None:
    if await repository.lock_superusers(session) == [user_id]:
        raise LastSuperuser()
