"""Migrations: each service owns a PostgreSQL schema and its Alembic revisions."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory

from pacewatch.kit import logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import Unavailable

log = logs.get(__name__)


async def upgrade(database: Database, schema: str, folder: Path, **parameters: object) -> None:
    """Upgrade `schema` to the newest revision in `folder`, in one transaction.

    Each revision is called as `upgrade(schema=..., **parameters)`: one history serves any schema and any profile.
    """
    async with database.engine.connect() as connection:
        await connection.run_sync(_upgrade, schema, folder, parameters)
        await connection.commit()
    log.info("schema_migrated", schema=schema)


async def check(database: Database, schema: str, folder: Path) -> None:
    """Raise Unavailable, with the command to run, unless `schema` is at the newest revision in `folder`."""
    query = sa.text(f'SELECT version_num FROM "{schema}".alembic_version')  # noqa: S608 - our own schema's name
    async with database.engine.connect() as connection:
        exists = await connection.scalar(sa.text("SELECT to_regclass(:table)"), {"table": f"{schema}.alembic_version"})
        found = await connection.scalar(query) if exists else None
    newest = ScriptDirectory(str(folder), version_locations=[str(folder)]).get_current_head()
    if found != newest:
        raise Unavailable(f"schema {schema} is at revision {found}, the code needs {newest}: run `pacewatch migrate`")


def _upgrade(connection: sa.Connection, schema: str, folder: Path, parameters: dict[str, object]) -> None:
    # Processes that start at the same time must not both create the schema.
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"pacewatch {schema}"})
    connection.execute(sa.text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    config = Config()
    config.set_main_option("script_location", str(folder))
    script = ScriptDirectory(str(folder), version_locations=[str(folder)])

    def steps(revision: str | Sequence[str], _context: object) -> list[RevisionStep]:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(config, script, fn=steps) as context:
        context.configure(connection=connection, version_table_schema=schema, transactional_ddl=False)
        context.run_migrations(schema=schema, **parameters)
