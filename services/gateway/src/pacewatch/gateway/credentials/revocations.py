"""Ends what an account has: logins, access tokens and the keys it made; and tells every process which tokens ended.

An access token carries the account's epoch. Ending an account's tokens raises the epoch, and a row here says below
which epoch tokens are refused until the last of them has expired.
"""

import time
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from pacewatch.gateway.credentials import refresh_tokens
from pacewatch.kit.db import Database, Session
from pacewatch.kit.http.revocations import Revocations
from pacewatch.kit.module import Resources

ACCESS_LIFETIME: Final = timedelta(minutes=15)
# The epoch of a deleted account: none is higher.
DELETED: Final = 2**31 - 1

CHANNEL: Final = "pacewatch_gateway_revocations"
# How long a process can miss a revocation when the NOTIFY was lost. Less than MAX_AGE_S, with time for a slow read.
POLL_S: Final = 1.5
READ_TIMEOUT_S: Final = 3.0

# Much longer than tokens live: PostgreSQL's clock may go ahead for hours, and another one says when a token expires.
_KEPT: Final = ACCESS_LIFETIME + timedelta(days=1)
_REVOKE_ACCOUNT = sa.text("""
    INSERT INTO gateway.revoked_accounts AS known (account_id, epoch, expires_at)
    VALUES (:account_id, :epoch, clock_timestamp() + make_interval(secs => :kept_s))
    ON CONFLICT (account_id) DO UPDATE SET
        epoch = greatest(known.epoch, excluded.epoch), expires_at = excluded.expires_at
""")
_REVOKE_KEYS = sa.text("""
    UPDATE gateway.api_keys SET revoked_at = clock_timestamp()
    WHERE creator_id = :account_id AND revoked_at IS NULL RETURNING id
""")
_NOTIFY = sa.text("SELECT pg_notify(:channel, '')")
_PRUNE = sa.text("DELETE FROM gateway.revoked_accounts WHERE expires_at < clock_timestamp()")
_READ = "SELECT id, epoch FROM gateway.revocations"
# As one array: a row for each would take the event loop ten times as long.
_READ_KEYS = "SELECT coalesce(array_agg(id::text), '{}') FROM gateway.valid_api_keys"


async def end_account(session: Session, account_id: UUID, epoch: int) -> list[UUID]:
    """End everything that the account had below `epoch`; returns the keys that ended. Its row must be locked."""
    await end_tokens(session, account_id, epoch)
    return list((await session.scalars(_REVOKE_KEYS, {"account_id": account_id})).all())


async def end_tokens(session: Session, account_id: UUID, epoch: int) -> None:
    """End the logins and access tokens below `epoch`; the keys stay. The account's row must be locked."""
    await refresh_tokens.revoke_all(session, account_id)
    values = {"account_id": account_id, "epoch": epoch, "kept_s": _KEPT.total_seconds()}
    await session.execute(_REVOKE_ACCOUNT, values)
    await notify(session)


async def notify(session: Session) -> None:
    """Wake every process when this transaction commits."""
    await session.execute(_NOTIFY, {"channel": CHANNEL})


async def prune(session: Session) -> None:
    """Delete rows that no valid token needs."""
    await session.execute(_PRUNE)


async def follow(resources: Resources, revocations: Revocations) -> None:
    """Keep `revocations` current until cancelled. Every process of the platform runs this loop.

    It has its own connection: while requests wait for one of the pool, their tokens must still be checked.
    """
    wakeup = resources.wakeups.subscribe(CHANNEL)
    connection = await resources.database.dedicated_connection()
    try:
        while True:
            await _read(connection, revocations)
            await wakeup.wait(POLL_S)
    finally:
        connection.terminate()


async def read_once(database: Database, revocations: Revocations) -> None:
    """Read the list before the first request; one that cannot be read now makes `revocations` refuse every token."""
    revocations.expect()
    try:
        connection = await database.dedicated_connection()
        try:
            await _read(connection, revocations)
        finally:
            connection.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return


async def _read(connection: asyncpg.Connection, revocations: Revocations) -> None:
    """Read the list; it is empty while the gateway's tables do not exist yet, and no key is valid then."""
    read_at_s = time.monotonic()
    try:
        rows = await connection.fetch(_READ, timeout=READ_TIMEOUT_S)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        rows = []
    try:
        valid_keys = await connection.fetchval(_READ_KEYS, timeout=READ_TIMEOUT_S)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        valid_keys = []
    keys = (str(row["id"]) for row in rows if row["epoch"] is None)
    epochs = {str(row["id"]): row["epoch"] for row in rows if row["epoch"] is not None}
    revocations.replace(keys, epochs, read_at_s, valid_keys)
