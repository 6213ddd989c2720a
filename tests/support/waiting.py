"""Waiting for what happens soon, without sleeping longer than it takes."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 240, every_s: float = 0.05) -> None:
    """Return when `holds()` is true; TimeoutError if it never is. How long it may take is said where that is tested."""
    async with asyncio.timeout(timeout_s):
        while not await holds():
            await asyncio.sleep(every_s)


async def is_lock_awaited(connection: asyncpg.Connection, table: str) -> bool:
    """Whether a transaction of this database waits for a lock of `table`; another database may use the same number."""
    query = """
        SELECT count(*) FROM pg_locks
        WHERE relation = $1::text::regclass AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    return bool(await connection.fetchval(query, table))
