"""A PostgreSQL role for each service, with exactly the rights that `rights` declares."""

from collections.abc import Iterable

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.accounts import Accounts
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.runtime import roles
from pacewatch.launcher.runtime.rights import Rights

SETTING = "PACEWATCH_ACCOUNTS"

log = logs.get(__name__)


async def grant(database: Database, accounts: Accounts, rights: Iterable[Rights]) -> None:
    """Create each service's role, or reset it to exactly its rights.

    In one transaction, so that running services notice nothing. ConfigurationError if a role is a superuser, is the one
    that migrates, or may not be created here.
    """
    async with database.transaction("launcher") as session:
        await roles.lock(session)
        await roles.close_what_all_may(session)
        for one in rights:
            role = accounts.name(one.service)
            if await roles.is_our_own(session, role):
                raise ConfigurationError(f"{SETTING}: {role} migrates and owns the tables; migrate with another role")
            await roles.create_or_alter(session, role, accounts.password(one.service), setting=SETTING)
            await roles.reset(session, role)
            await _grant_own_schema(session, role, one.service)
            for table, columns in one.reads.items():
                await roles.let_read(session, role, table, columns)
            for function in one.calls:
                await roles.let_call(session, role, function)
    log.info("service_roles_granted", prefix=accounts.prefix)


async def _grant_own_schema(session: Session, role: str, schema: str) -> None:
    """All rows of its tables, also of tables to come; not the tables themselves, and not its revision."""
    if not await session.scalar(sa.text("SELECT to_regnamespace(:schema)"), {"schema": schema}):
        return
    rows = "SELECT, INSERT, UPDATE, DELETE"
    for template in (
        "GRANT USAGE ON SCHEMA %I TO %I",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA %I TO %I",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I",
        # Partitions of coming years are made while the service runs.
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT {rows} ON TABLES TO %I",
        "REVOKE INSERT, UPDATE, DELETE ON %I.alembic_version FROM %I",
    ):
        await roles.run(session, template, schema, role)
