"""The read-only role for training data: it can log in, read the trainer's views, and do nothing else.

The trainer agent's own account can also write its runs. A person who trains on their own machine must not get that.
"""

from typing import Final

from pacewatch.kit import logs
from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.launcher.runtime import roles
from pacewatch.trainer_agent.data.source import VIEWS

MAX_CONNECTIONS: Final = 4
SETTING: Final = "PACEWATCH_TRAINER_DATABASE_URL"

log = logs.get(__name__)


async def grant(database: Database, role_url: str) -> None:
    """Create the role in `role_url` with its password, or reset an existing one to exactly these rights.

    A second call changes nothing. ConfigurationError if the role is a superuser or may not be created here.
    """
    url = asyncpg_url(role_url)
    role, password = str(url.username), str(url.password or "")
    async with database.transaction("launcher") as session:
        await roles.lock(session)
        if await roles.is_our_own(session, role):
            log.warning("reading_role_is_the_service", role=role, reason="it can write; name another role")
            return
        await roles.create_or_alter(session, role, password, setting=SETTING, max_connections=MAX_CONNECTIONS)
        await roles.set_read_only(session, role)
        await roles.reset(session, role)
        for view in VIEWS:
            await roles.let_read(session, role, view)
    log.info("reading_role_granted", role=role)
