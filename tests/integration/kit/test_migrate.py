"""Migrations run beside a service at work: they wait for locks in turns, build indexes meanwhile, and resume."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa
from support.waiting import until

from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.errors import Unavailable

pytestmark = pytest.mark.servers
TABLE = 'op.execute(f"CREATE TABLE {schema}.t (n bigint)")'
COLUMN = 'op.execute(f"ALTER TABLE {schema}.t ADD COLUMN m bigint")'
INDEX = 'create_index(schema, "t_by_n", "t (n)")'
FAILING = 'op.execute(f"CREATE TABLE {schema}.u (n bigint)"); op.execute("SELECT 1 / 0")'


@pytest.fixture
async def database(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[Database]:
    database = Database(await new_database())
    yield database
    await database.close()


def add_revision(folder: Path, body: str) -> None:
    """One more revision after those in `folder`."""
    number = len(list(folder.glob("*.py"))) + 1
    before = f'"{number - 1:04}"' if number > 1 else "None"
    (folder / f"{number:04}_step.py").write_text(
        "from alembic import op\n\nfrom pacewatch.kit.migrate import create_index  # noqa: F401\n\n"
        f'revision = "{number:04}"\ndown_revision = {before}\n\n\ndef upgrade(schema):\n    {body}\n'
    )


@asynccontextmanager
async def connected(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.dedicated_connection()
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def old_snapshot(database: Database) -> AsyncIterator[None]:
    """A transaction that a concurrent index waits for, and that holds no lock of the table."""
    async with connected(database) as connection, connection.transaction(isolation="repeatable_read"):
        await connection.fetch("SELECT 1 FROM pg_class")
        yield


async def index_state(connection: asyncpg.Connection) -> bool | None:
    """Whether the index is valid; None if there is none."""
    return await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('s.t_by_n')")


async def test_rows_are_written_while_an_index_is_built(database: Database, tmp_path: Path) -> None:
    add_revision(tmp_path, TABLE)
    await migrate.upgrade(database, "s", tmp_path)
    add_revision(tmp_path, INDEX)
    async with connected(database) as connection:
        async with old_snapshot(database):
            upgrading = asyncio.create_task(migrate.upgrade(database, "s", tmp_path))

            async def exists() -> bool:
                return await index_state(connection) is not None

            await until(exists)
            await connection.execute("SET lock_timeout = '1s'")
            await connection.execute("INSERT INTO s.t VALUES (1)")
            assert not upgrading.done()
        await upgrading
        assert await index_state(connection)
        assert await connection.fetchval("SELECT version_num FROM s.alembic_version") == "0002"


async def test_the_folder_of_revisions_may_have_any_name(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1 %(here)s"
    folder.mkdir()
    add_revision(folder, TABLE)
    await migrate.upgrade(database, "s", folder)
    await migrate.check(database, "s", folder)


async def test_an_index_whose_creation_was_killed_is_made_again(database: Database, tmp_path: Path) -> None:
    add_revision(tmp_path, TABLE)
    await migrate.upgrade(database, "s", tmp_path)
    add_revision(tmp_path, INDEX)
    async with connected(database) as connection:
        async with old_snapshot(database):
            upgrading = asyncio.create_task(migrate.upgrade(database, "s", tmp_path))

            async def killed() -> bool:
                query = (
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
                )
                return bool(await connection.fetch(query))

            await until(killed)
            with pytest.raises(sa.exc.SQLAlchemyError):
                await upgrading
        assert await index_state(connection) is False
        await migrate.upgrade(database, "s", tmp_path)
        assert await index_state(connection) is True


async def test_two_processes_that_migrate_at_once_do_not_wait_for_each_other_for_ever(
    database: Database, tmp_path: Path
) -> None:
    for body in (TABLE, INDEX, COLUMN):
        add_revision(tmp_path, body)
    async with asyncio.timeout(60):
        await asyncio.gather(*(migrate.upgrade(database, "s", tmp_path) for _ in range(4)))
    async with connected(database) as connection:
        assert await index_state(connection)


async def test_a_revision_that_waits_for_a_lock_lets_the_statements_behind_it_pass(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_S", 0.2)
    monkeypatch.setattr(migrate, "PAUSE_S", 0.2)
    add_revision(tmp_path, TABLE)
    await migrate.upgrade(database, "s", tmp_path)
    add_revision(tmp_path, COLUMN)
    async with connected(database) as busy, connected(database) as other:
        async with busy.transaction():
            await busy.execute("INSERT INTO s.t VALUES (1)")
            upgrading = asyncio.create_task(migrate.upgrade(database, "s", tmp_path))
            await other.execute("SET statement_timeout = '5s'")
            for _ in range(20):
                await other.execute("INSERT INTO s.t (n) VALUES (2)")
                await asyncio.sleep(0.05)
            assert not upgrading.done()
        await upgrading
        assert await other.fetchval("SELECT count(m) FROM s.t") == 0


async def test_a_revision_that_waits_too_long_for_a_lock_gives_up(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LOCK_TIMEOUT_S", 0.1), ("PAUSE_S", 0.1), ("PATIENCE_S", 0.5)):
        monkeypatch.setattr(migrate, name, value)
    add_revision(tmp_path, TABLE)
    await migrate.upgrade(database, "s", tmp_path)
    add_revision(tmp_path, COLUMN)
    async with connected(database) as busy, busy.transaction():
        await busy.execute("INSERT INTO s.t VALUES (1)")
        with pytest.raises(sa.exc.DBAPIError, match="lock timeout"):
            await migrate.upgrade(database, "s", tmp_path)


async def test_a_revision_that_fails_leaves_nothing_and_those_before_it_stay(
    database: Database, tmp_path: Path
) -> None:
    add_revision(tmp_path, TABLE)
    add_revision(tmp_path, FAILING)
    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        await migrate.upgrade(database, "s", tmp_path)
    async with connected(database) as connection:
        assert await connection.fetchval("SELECT version_num FROM s.alembic_version") == "0001"
        assert await connection.fetchval("SELECT to_regclass('s.u')") is None


async def test_a_process_is_ready_on_a_newer_schema_and_not_on_an_older_or_missing_one(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="pacewatch migrate"):
        add_revision(tmp_path, TABLE)
        await migrate.check(database, "s", tmp_path)
    await migrate.upgrade(database, "s", tmp_path)
    await migrate.check(database, "s", tmp_path)
    add_revision(tmp_path, COLUMN)
    with pytest.raises(Unavailable, match="is at revision 0001, the code needs 0002"):
        await migrate.check(database, "s", tmp_path)
    await migrate.upgrade(database, "s", tmp_path)
    (tmp_path / "0002_step.py").unlink()
    await migrate.check(database, "s", tmp_path)
