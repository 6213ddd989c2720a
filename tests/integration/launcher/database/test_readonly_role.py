"""The read-only role for training data: it can read the trainer's views and nothing else."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from servers.own import OwnPostgres

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.kit.errors import ConfigurationError
from pacewatch.launcher.runtime import readonly_role
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.trainer_agent.candidates import champion
from pacewatch.trainer_agent.data.pull import pull
from pacewatch.trainer_agent.data.source import VIEWS

DENIED = (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)


@dataclass(frozen=True)
class Deployment:
    """A migrated platform, its owner's connection, and the address of the read-only role."""

    owner: asyncpg.Connection
    database: Database
    role_url: str


def plain(url: str) -> str:
    return asyncpg_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def as_role(url: str, role: str, password: str) -> str:
    return asyncpg_url(url).set(username=role, password=password).render_as_string(hide_password=False)


@pytest.fixture
async def deployment(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Deployment]:
    url = await new_database()
    owner = await asyncpg.connect(plain(url))
    if not await owner.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        pytest.skip("the PostgreSQL user of the tests must be a superuser")
    role = f"pacewatch_reader_{secrets.token_hex(4)}"
    role_url = as_role(url, role, "pass'word%40 \\é")
    monkeypatch.setenv("PACEWATCH_DATABASE_URL", url)
    monkeypatch.setenv("PACEWATCH_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("PACEWATCH_TRAINER_DATABASE_URL", role_url)
    database = Database(url)
    await migrate_all(database, PACEMAKER.name)
    yield Deployment(owner, database, role_url)
    await database.close()
    await owner.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
    await owner.close()


async def store_a_reading(owner: asyncpg.Connection) -> None:
    columns = ["device_id", "timestamp_s", *PACEMAKER.signal_names, "batch_number"]
    row = (1, 1_500_000_000, 600, 1, 9, 2.8, 1)
    await owner.copy_records_to_table("readings", schema_name="ingest", columns=columns, records=[row])


async def test_the_role_can_pull_readings_and_read_the_active_model(deployment: Deployment, tmp_path: Path) -> None:
    await store_a_reading(deployment.owner)
    source = Database(deployment.role_url, pool_size=1, read_only=True)
    try:
        pulled = await pull(source, PACEMAKER, tmp_path)
        assert (len(pulled.labels), pulled.fetched) == (1, 1)
        assert await champion.active(source) is None
        async with source.transaction("test") as session:
            assert await (await champion.driver(session)).fetchval("SELECT count(*) FROM registry.active_artifact") == 0
    finally:
        await source.close()


async def test_the_role_can_read_the_views_and_no_other_table(deployment: Deployment) -> None:
    names = await deployment.owner.fetch(
        "SELECT schemaname || '.' || relname AS name FROM pg_stat_user_tables UNION ALL "
        "SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname !~ '^(pg_|information_schema)'"
    )
    connection = await asyncpg.connect(plain(deployment.role_url))
    try:
        readable = set()
        for (name,) in names:
            try:
                await connection.fetch(f"SELECT * FROM {name} LIMIT 1")
                readable.add(name)
            except asyncpg.InsufficientPrivilegeError:
                pass
        assert (readable, len(names) > 20) == (set(VIEWS), True)
    finally:
        await connection.close()


@pytest.mark.parametrize("read_only", ["on", "off"])
async def test_the_role_cannot_write_in_any_transaction_mode(deployment: Deployment, read_only: str) -> None:
    connection = await asyncpg.connect(plain(deployment.role_url), server_settings={
        "default_transaction_read_only": read_only
    })  # fmt: skip
    try:
        for statement in (
            "INSERT INTO ingest.failures VALUES (1, 1, 'x')",
            "DELETE FROM ingest.labelled_readings",
            "UPDATE registry.models SET artifact_sha256 = ''",
            "UPDATE ingest.readings SET label = 'positive'",
            "TRUNCATE trainer_agent.runs",
            "INSERT INTO trainer_agent.outbox DEFAULT VALUES",
            "CREATE TABLE ingest.mine (a int)",
            "CREATE SCHEMA mine",
            "CREATE ROLE mine",
            "GRANT SELECT ON ingest.readings TO PUBLIC",
        ):
            with pytest.raises(DENIED):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_migrating_again_revokes_additional_rights(deployment: Deployment) -> None:
    role = asyncpg_url(deployment.role_url).username
    await deployment.owner.execute(f'GRANT USAGE ON SCHEMA gateway TO "{role}"; GRANT ALL ON gateway.users TO "{role}"')
    await readonly_role.grant(deployment.database, deployment.role_url)
    connection = await asyncpg.connect(plain(deployment.role_url))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetch("SELECT * FROM gateway.users")
    await connection.close()


async def test_only_the_newest_password_is_valid(own_postgres: Callable[[], Awaitable[OwnPostgres]]) -> None:
    server = await own_postgres()  # it requires passwords, which not every server of tests does
    database = Database(server.url)
    older, newer = (as_role(server.url, "reader", password) for password in ("pass'word%40 \\é", "another"))
    try:
        for url in (older, newer):
            await readonly_role.grant(database, url)
            await (await asyncpg.connect(plain(url))).close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(plain(older))
    finally:
        await database.close()


async def test_the_services_own_role_is_not_changed(deployment: Deployment) -> None:
    await readonly_role.grant(deployment.database, deployment.database.url.render_as_string(hide_password=False))
    connection = await asyncpg.connect(plain(deployment.database.url.render_as_string(hide_password=False)))
    assert await connection.fetchval("SHOW default_transaction_read_only") == "off"
    await connection.close()


async def test_a_superuser_is_refused_as_read_only_role(deployment: Deployment) -> None:
    superuser = f"pacewatch_superuser_{secrets.token_hex(4)}"
    await deployment.owner.execute(f'CREATE ROLE "{superuser}" SUPERUSER')
    try:
        with pytest.raises(ConfigurationError, match="superuser"):
            await readonly_role.grant(deployment.database, as_role(deployment.role_url, superuser, "x"))
    finally:
        await deployment.owner.execute(f'DROP ROLE "{superuser}"')
