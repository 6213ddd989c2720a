"""Queries over accounts."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit.db import Session

Row = dict[str, Any]

_PUBLIC = "id, email, role, disabled_at, created_at"
_FIND = sa.text(
    "SELECT email, role, password_hash, disabled_at, id FROM gateway.users WHERE lower(email) = lower(:email)"
)
_BY_ID = sa.text("SELECT email, role, password_hash, disabled_at, id FROM gateway.users WHERE id = :id")
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
        END
    WHERE id = :id RETURNING {_PUBLIC}
""")  # noqa: S608 - constants
_DELETE = sa.text("DELETE FROM gateway.users WHERE id = :id RETURNING id")
_LIST = sa.text(f"SELECT {_PUBLIC} FROM gateway.users ORDER BY lower(email) LIMIT :limit OFFSET :offset")  # noqa: S608
_COUNT = sa.text("SELECT count(*) FROM gateway.users")
# Locked, so that two superusers cannot delete each other at the same moment.
_SUPERUSERS = sa.text("""
    SELECT id FROM gateway.users WHERE role = 'superuser' AND disabled_at IS NULL ORDER BY id FOR UPDATE
""")


class Account(NamedTuple):
    """The columns that logging in needs."""

    email: str
    role: str
    password_hash: str
    disabled_at: datetime | None
    id: UUID


async def find_account(session: Session, email: str) -> Account | None:
    """The account with this e-mail address, in any capitalisation."""
    row = (await session.execute(_FIND, {"email": email})).first()
    return Account(*row) if row is not None else None


async def get_account(session: Session, user_id: UUID) -> Account | None:
    """The account with this id."""
    row = (await session.execute(_BY_ID, {"id": user_id})).first()
    return Account(*row) if row is not None else None


async def add_user(session: Session, *, email: str, role: str, password_hash: str) -> Row | None:
    """The new account; None if the e-mail address is taken."""
    values = {"email": email, "role": role, "password_hash": password_hash}
    row = (await session.execute(_INSERT, values)).mappings().first()
    return dict(row) if row is not None else None


async def change_user(
    session: Session, user_id: UUID, *, role: str | None, password_hash: str | None, disabled: bool | None
) -> Row | None:
    """The changed account; None if there is none. An argument that is None changes nothing."""
    values = {"id": user_id, "role": role, "password_hash": password_hash, "disabled": disabled}
    row = (await session.execute(_UPDATE, values)).mappings().first()
    return dict(row) if row is not None else None


async def delete_user(session: Session, user_id: UUID) -> bool:
    """Delete the account; False if there was none."""
    return (await session.execute(_DELETE, {"id": user_id})).first() is not None


async def lock_superusers(session: Session) -> list[UUID]:
    """Ids of the enabled superusers, locked until this transaction ends."""
    return list((await session.scalars(_SUPERUSERS)).all())


async def list_users(session: Session, limit: int, offset: int) -> tuple[list[Row], int]:
    """Accounts by e-mail address, and the total count."""
    rows = await session.execute(_LIST, {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()], int(await session.scalar(_COUNT) or 0)
