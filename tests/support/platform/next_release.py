"""The schema of a next release: this release's revisions, and more that add to every table of every service."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from pacewatch.contracts.profiles import by_name
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import create_modules

_TABLES = """
    SELECT relname, relkind = 'p' AS has_partitions FROM pg_class
    WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname <> 'alembic_version'
"""
_REVISION = """
from alembic import op

from pacewatch.kit.migrate import create_index  # noqa: F401

revision, down_revision = "{revision}", "{before}"


def upgrade(schema, profile):
    {body}
"""


async def upgrade_to_next_release(database: Database, settings: KitSettings, folder: Path) -> None:
    """Migrate every service: this release's revisions first, then a column and an index more for each table."""
    profile = by_name(settings.profile)
    for module in create_modules("all", settings):
        own = folder / module.name
        await migrate.upgrade(database, module.name, module.migrations, profile=profile)
        shutil.copytree(module.migrations, own, ignore=shutil.ignore_patterns("__pycache__"))
        await _add_revisions(database, module.name, own)
        await migrate.upgrade(database, module.name, own, profile=profile)


async def _add_revisions(database: Database, schema: str, folder: Path) -> None:
    connection = await database.dedicated_connection()
    try:
        before = await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")
        bodies = ['op.execute(f"CREATE TABLE {schema}.next_table (n bigint)")']
        for name, has_partitions in await connection.fetch(_TABLES, schema):
            column = "ADD COLUMN next_column bigint NOT NULL DEFAULT 0"
            bodies.append(f'op.execute(f"ALTER TABLE {{schema}}.{name} {column}")')
            if not has_partitions:
                bodies.append(f'create_index(schema, "next_{name}", "{name} (next_column)")')
        for number, body in enumerate(bodies):
            revision = f"next{number:03}"
            text = _REVISION.format(revision=revision, before=before, body=body)
            (folder / f"{revision}.py").write_text(text)
            before = revision
    finally:
        await connection.close()


@asynccontextmanager
async def without_columns(connection: asyncpg.Connection, columns: Sequence[tuple[str, str]]) -> AsyncIterator[None]:
    """Until the block ends, these columns, each of a table, are missing: what a revision must not do."""
    for table, column in columns:
        await connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO missing_{column}")
    try:
        yield
    finally:
        for table, column in columns:
            await connection.execute(f"ALTER TABLE {table} RENAME COLUMN missing_{column} TO {column}")
