"""PostgreSQL for the tests: an own instance, or the one that a variable names, and databases on it.

Own, because the platforms of a parallel run need more than the 100 connections of a default server.
"""

import os
import secrets
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

from .found import Server, ServerMissing, first_found

VARIABLE = "PACEWATCH_TEST_DATABASE_URL"
OLDEST = 150000  # PostgreSQL 15
OTHERWISE = f"no PostgreSQL: set {VARIABLE} to postgresql://user:password@host:port/database of a superuser"


async def find(stack: AsyncExitStack) -> Server:
    return await first_found([_from_environment, _own], stack, OTHERWISE)


async def answers(url: str) -> bool:
    """Whether a new enough server answers there, to a superuser: tests create databases and roles."""
    try:
        connection = await asyncpg.connect(_plain(url), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        allowed = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(allowed) and int(await connection.fetchval("SHOW server_version_num")) >= OLDEST
    finally:
        await connection.close()


async def create_database(server_url: str, *, durable: bool = True) -> str:
    """A new empty database with a name of its own; gives its SQLAlchemy address.

    Without `durable` a commit does not wait for the disk: only a test that kills the server could tell.
    """
    name = f"pacewatch_test_{secrets.token_hex(6)}"
    await _execute(server_url, f'CREATE DATABASE "{name}"')
    if not durable:
        await _execute(server_url, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return server_url.rsplit("/", 1)[0] + f"/{name}"


async def drop_database(server_url: str, url: str) -> None:
    """Drop it although sessions are still connected: a test that failed must not keep its database."""
    await _execute(server_url, f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')


def debian_binaries() -> Path | None:
    """The folder of the newest `initdb` and `postgres` that Debian installed; None without one that is new enough."""
    versions = {int(path.parts[4]): path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")}
    newest = max(versions, default=0)
    return versions[newest] if newest * 10_000 >= OLDEST else None


def open_folder(stack: AsyncExitStack) -> Path:
    """A temporary folder that others can enter, unlike pytest's: where we are root, the server runs as another user."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pacewatch-postgres-")))
    folder.chmod(0o755)
    return folder


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(_plain(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def _for_sqlalchemy(url: str) -> str:
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


async def _from_environment(_: AsyncExitStack) -> Server | None:
    url = os.environ.get(VARIABLE)
    if not url:
        return None
    if not await answers(url):
        raise ServerMissing(f"{VARIABLE} is set, but no usable PostgreSQL >= 15 answers there")
    return Server(_for_sqlalchemy(url), VARIABLE)


async def _own(stack: AsyncExitStack) -> Server | None:
    server = await stack.enter_async_context(EmbeddedPostgres(open_folder(stack), binaries=debian_binaries()))
    return Server(server.url, f"own instance of {debian_binaries() or 'the wheel'}")
