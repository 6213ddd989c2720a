"""The database roles of a test's services, which outlive its database unless they are dropped."""

import asyncpg

from pacewatch.launcher.runtime.rights import rights


async def drop_accounts(database_url: str, prefix: str) -> None:
    """Drop the roles of every service whose names begin with `prefix`."""
    owner = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    for one in rights():
        await owner.execute(f'DROP OWNED BY "{prefix}{one.service}"; DROP ROLE "{prefix}{one.service}"')
    await owner.close()
