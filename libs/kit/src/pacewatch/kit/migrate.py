"""Migrations: each service owns a PostgreSQL schema and its Alembic revisions.

The processes of the release before keep running on the new schema until they are replaced. So a revision only adds, and
what no code uses any more is removed one release later: tests/unit/infra/test_migration_rules.py judges every revision.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection

from pacewatch.kit import logs
from pacewatch.kit.db import Database, sqlstate
from pacewatch.kit.errors import Unavailable

# While a revision waits for a lock, every later statement on that table waits behind it.
LOCK_TIMEOUT_S: Final = 2.0
# Until the next attempt, and how long a revision is attempted in all.
PAUSE_S: Final = 1.0
PATIENCE_S: Final = 600.0
_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"
_IS_UNFINISHED = sa.text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")

log = logs.get(__name__)


async def upgrade(database: Database, schema: str, folder: Path, **parameters: object) -> None:
    """Upgrade `schema` to the newest revision in `folder`, each revision in a transaction of its own.

    A revision is called as `upgrade(schema=..., **parameters)`: one history serves any schema and any profile. A call
    continues where an interrupted one stopped.
    """
    give_up_s = time.monotonic() + PATIENCE_S
    async with database.engine.connect() as connection:
        try:
            await _lock(connection, schema)
            while not await _attempt(connection, schema, folder, parameters, give_up_s):
                log.warning("migration_waits_for_locks", schema=schema)
                await asyncio.sleep(PAUSE_S)
        finally:
            # The session ends, and with it the lock and the settings.
            await connection.invalidate()
    log.info("schema_migrated", schema=schema)


async def check(database: Database, schema: str, folder: Path) -> None:
    """Raise Unavailable, with the command to run, if `schema` is older than the newest revision in `folder`.

    A revision that is not in `folder` is newer: it was made by a later release, which only adds.
    """
    query = sa.text(f'SELECT version_num FROM "{schema}".alembic_version')  # noqa: S608 - our own schema's name
    async with database.engine_of(schema).connect() as connection:
        exists = await connection.scalar(sa.text("SELECT to_regclass(:table)"), {"table": f"{schema}.alembic_version"})
        found = await connection.scalar(query) if exists else None
    script = _script(folder)
    newest = script.get_current_head()
    if found is None or found in {one.revision for one in script.walk_revisions()} - {newest}:
        raise Unavailable(f"schema {schema} is at revision {found}, the code needs {newest}: run `pacewatch migrate`")


def create_index(schema: str, name: str, on: str) -> None:
    """In a revision of nothing else: create the index `name` on `on`, "table (columns)", while the table is written.

    PostgreSQL does that outside of a transaction. An index that an interrupted attempt left unfinished is made again.
    """
    context = op.get_context()
    with context.autocommit_block():
        op.execute("SET lock_timeout = 0")  # it waits for transactions, and nothing waits behind it
        if not context.as_sql and op.get_bind().scalar(_IS_UNFINISHED, {"name": f"{schema}.{name}"}):
            op.execute(f"DROP INDEX CONCURRENTLY {schema}.{name}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {schema}.{on}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'")


def comment(schema: str, text: str) -> None:
    """In a revision: say in the database what the schema, its tables and views, and their columns hold.

    `text` has lines "name: what it is": the schema under its own name first, a table or "view name" without indent, its
    columns indented below it. ValueError if a line is none of these.
    """
    kind, within = "SCHEMA", ""
    for line in filter(str.strip, text.splitlines()):
        name, found, what = line.strip().partition(": ")
        if not found:
            raise ValueError(f"not a comment: {line!r}")
        if line.startswith(" "):
            target = f'COLUMN {schema}."{within}"."{name}"'
        elif kind == "SCHEMA":
            kind, target = "TABLE", f"SCHEMA {schema}"
        else:
            within = name.removeprefix("view ")
            target = f'{"TABLE" if within == name else "VIEW"} {schema}."{within}"'
        quoted = what.replace("'", "''").replace(":", "\\:")  # a colon would begin the name of a parameter
        op.execute(f"COMMENT ON {target} IS '{quoted}'")


async def _lock(connection: AsyncConnection, schema: str) -> None:
    """Wait until no other process migrates `schema`: without a transaction, which `create_index` would wait for."""
    query = sa.text("SELECT pg_try_advisory_lock(hashtext(:name))")
    while not await connection.scalar(query, {"name": f"pacewatch {schema}"}):
        await connection.rollback()
        await asyncio.sleep(0.1)
    await connection.rollback()


async def _attempt(
    connection: AsyncConnection, schema: str, folder: Path, parameters: dict[str, object], give_up_s: float
) -> bool:
    """Run the revisions that are left; False if one did not get its locks and is to be tried again."""
    try:
        await connection.run_sync(_upgrade, schema, folder, parameters)
    except sa.exc.DBAPIError as error:
        if sqlstate(error) not in {_LOCK_NOT_AVAILABLE, _DEADLOCK} or time.monotonic() > give_up_s:
            raise
        await connection.rollback()
        return False
    return True


def _upgrade(connection: sa.Connection, schema: str, folder: Path, parameters: dict[str, object]) -> None:
    connection.execute(sa.text(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'"))
    connection.execute(sa.text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.commit()
    script = _script(folder)

    def steps(revision: str | Sequence[str], _context: object) -> list[RevisionStep]:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), script, fn=steps) as context:
        context.configure(connection=connection, version_table_schema=schema, transaction_per_migration=True)
        context.run_migrations(schema=schema, **parameters)
    connection.commit()


def _script(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder), version_locations=[str(folder)])
