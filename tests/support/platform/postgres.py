"""One query on a server of a test's own."""

import asyncpg
from servers.own import OwnPostgres

from pacewatch.launcher.postgres.embedded import EmbeddedPostgres


async def fetchval(server: EmbeddedPostgres | OwnPostgres, query: str) -> object:
    """The first value that `query` returns, over a new connection."""
    connection = await asyncpg.connect(server.url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
