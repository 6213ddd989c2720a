"""Queries over accounts."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit.db import Session

Row = dict[str, Any]

_PUBLIC = "id, email, role, disabled_at, created_at, totp_confirmed_at IS NOT NULL AS has_totp"
_ACCOUNT = """
    SELECT email, role, password_hash, disabled_at, id, epoch, totp_secret, totp_confirmed_at, totp_last_step
    FROM gateway.users
"""
_FIND = sa.text(f"{_ACCOUNT} WHERE email = :email")
# Held until the commit by who gives out a token or acts for an account, and by who ends it: one of them comes first,
# and the other sees what it did.
_LOCK = sa.text(f"{_ACCOUNT} WHERE id = :id FOR NO KEY UPDATE")
_INSERT = sa.text(f"""
    INSERT INTO gateway.users (email, role, password_hash) VALUES (:email, :role, :password_hash)
    ON CONFLICT (lower(email)) DO NOTHING RETURNING {_PUBLIC}
""")  # noqa: S608 - constants
_UPDATE = sa.text(f"""
    UPDATE gateway.users SET
        role = coalesce(:role, role),
        password_hash = coalesce(:password_hash, password_hash),
        disabled_at = CASE
            WHEN CAST(:disabled AS boolean) IS NULL THEN disabled_at
            WHEN :disabled THEN coalesce(disabled_at, clock_timestamp())
        END,
        epoch = epoch + CAST(:ends AS integer),
        totp_secret = CASE WHEN CAST(:resets_totp AS boolean) THEN NULL ELSE totp_secret END,
        totp_confirmed_at = CASE WHEN CAST(:resets_totp AS boolean) THEN NULL ELSE totp_confirmed_at END
    WHERE id = :id RETURNING {_PUBLIC}
""")  # noqa: S608 - constants
_DELETE = sa.text("DELETE FROM gateway.users WHERE id = :id RETURNING id")
_LIST = sa.text(f"SELECT {_PUBLIC} FROM gateway.users ORDER BY email LIMIT :limit OFFSET :offset")  # noqa: S608
_COUNT = sa.text("SELECT count(*) FROM gateway.users")
# Locked, so that two superusers cannot delete each other at the same moment.
_SUPERUSERS = sa.text("""
    SELECT id FROM gateway.users WHERE role = 'superuser' AND disabled_at IS NULL ORDER BY id FOR UPDATE
""")


_SET_TOTP = sa.text("""
    UPDATE gateway.users SET totp_secret = :secret, totp_last_step = :last_step,
        totp_confirmed_at = CASE WHEN :confirmed THEN coalesce(totp_confirmed_at, clock_timestamp()) END
    WHERE id = :id
""")
_LOCK_CHANGES = sa.text("SELECT pg_advisory_xact_lock(hashtext('pacewatch gateway.users'))")


class Account(NamedTuple):
    """The columns that logging in needs. `epoch` rises when the account's tokens end."""

    email: str
    role: str
    password_hash: str
    disabled_at: datetime | None
    id: UUID
    epoch: int
    totp_secret: str | None
    totp_confirmed_at: datetime | None
    totp_last_step: int

    @property
    def has_totp(self) -> bool:
        """Whether a login needs a code."""
        return self.totp_confirmed_at is not None


async def find_account(session: Session, email: str) -> Account | None:
    """The account with this folded e-mail address."""
    row = (await session.execute(_FIND, {"email": email})).first()
    return Account(*row) if row is not None else None


async def lock_account(session: Session, user_id: UUID) -> Account | None:
    """The account with this id as it is now, unchanged by others until this transaction ends."""
    row = (await session.execute(_LOCK, {"id": user_id})).first()
    return Account(*row) if row is not None else None


async def add_user(session: Session, *, email: str, role: str, password_hash: str) -> Row | None:
    """The new account; None if the e-mail address is taken."""
    values = {"email": email, "role": role, "password_hash": password_hash}
    row = (await session.execute(_INSERT, values)).mappings().first()
    return dict(row) if row is not None else None


async def change_user(
    session: Session,
    user_id: UUID,
    *,
    role: str | None = None,
    password_hash: str | None = None,
    disabled: bool | None = None,
    resets_totp: bool = False,
    ends: bool = False,
) -> Row:
    """The changed account, which exists. None changes nothing; `ends` raises the epoch."""
    values = {"id": user_id, "role": role, "password_hash": password_hash, "disabled": disabled}
    rows = await session.execute(_UPDATE, values | {"ends": int(ends), "resets_totp": resets_totp})
    return dict(rows.mappings().one())


async def set_totp(session: Session, user_id: UUID, secret: str | None, *, confirmed: bool, last_step: int = 0) -> None:
    """Store the secret of codes, and the step of the last code that was used."""
    values = {"id": user_id, "secret": secret, "confirmed": confirmed, "last_step": last_step}
    await session.execute(_SET_TOTP, values)


async def lock_changes(session: Session) -> None:
    """Let one transaction at a time change accounts of others: each locks rows of several, in an order of its own."""
    await session.execute(_LOCK_CHANGES)


async def lock_empty_table(session: Session) -> bool:
    """Whether there is no account; until this transaction ends, nobody else changes accounts."""
    await lock_changes(session)
    return not await session.scalar(_COUNT)


async def delete_user(session: Session, user_id: UUID) -> None:
    """Delete the account."""
    await session.execute(_DELETE, {"id": user_id})


async def lock_superusers(session: Session) -> list[UUID]:
    """Ids of the enabled superusers, locked until this transaction ends."""
    return list((await session.scalars(_SUPERUSERS)).all())


async def list_users(session: Session, limit: int, offset: int) -> tuple[list[Row], int]:
    """Accounts by e-mail address, and the total count."""
    rows = await session.execute(_LIST, {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(_COUNT) or 0)
