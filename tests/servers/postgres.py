"""PostgreSQL for the tests: how it is found, and a database for each run on the server found."""

import asyncio
import getpass
import os
import secrets
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from pacewatch.launcher.postgres.embedded import EmbeddedPostgres

from . import containers, debian
from .found import Server, ServerMissing, first_found

VARIABLE = "PACEWATCH_TEST_DATABASE_URL"
OLDEST = 150000  # PostgreSQL 15
OTHERWISE = (
    f"no PostgreSQL >= 15 found: start one on 127.0.0.1:5432, or set {VARIABLE} to "
    "postgresql://user:password@host:port/database of a user who may create databases"
)


async def find(stack: AsyncExitStack) -> Server:
    return await first_found([_from_environment, _on_local_port, _in_container, _from_debian], stack, OTHERWISE)


async def answers(url: str) -> bool:
    """Whether a new enough server answers there, to a user who may create databases."""
    try:
        connection = await asyncpg.connect(_plain(url), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        allowed = await connection.fetchval("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
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
    """The folder of the newest `initdb` and `postgres` that Debian installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


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


async def _on_local_port(_: AsyncExitStack) -> Server | None:
    for user in dict.fromkeys(["root", "postgres", getpass.getuser()]):
        url = f"postgresql+asyncpg://{user}@127.0.0.1:5432/postgres"
        if await answers(url):
            return Server(url, f"127.0.0.1:5432 as {user}")
    return None


async def _in_container(stack: AsyncExitStack) -> Server | None:
    password = secrets.token_hex(16)
    address = await containers.started(stack, "postgres:16", 5432, {"POSTGRES_PASSWORD": password})
    if address is None:
        return None
    url = f"postgresql+asyncpg://postgres:{password}@{address}/postgres"
    for _ in range(120):
        if await answers(url):
            return Server(url, "container postgres:16")
        await asyncio.sleep(0.5)
    raise ServerMissing("the container postgres:16 started but did not answer within 60 s")


async def _from_debian(stack: AsyncExitStack) -> Server | None:
    if debian_binaries() is None:
        await asyncio.to_thread(debian.install, "postgresql")
    binaries = debian_binaries()
    if binaries is None:
        return None
    server = await stack.enter_async_context(EmbeddedPostgres(open_folder(stack), binaries=binaries))
    return Server(server.url, f"own instance of {binaries}")
