"""The whole platform on this machine, in this process: what the demo, the replay and the benchmarks stand on."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts.service import ensure_superuser
from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.mailcatcher.server import Inbox
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.serve import prepare

SUPERUSER_EMAIL = "demo@pacewatch.example"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in to the local platform."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class LocalPlatform:
    """A running platform: its address, a client with every right, and the process to stop."""

    url: str
    client: httpx.AsyncClient
    credentials: Credentials
    server: uvicorn.Server


@asynccontextmanager
async def local_platform(
    folder: Path, profile: str, *, port: int = 0, inbox_port: int = 0, extra: Mapping[str, str] | None = None
) -> AsyncIterator[LocalPlatform]:
    """Start PostgreSQL, an inbox and every service, all state in `folder`; stop them in reverse.

    `extra` are further settings by variable name. They are put into the environment because the trainer's child
    process must see the same ones.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with EmbeddedPostgres(folder / "postgres") as postgres, Inbox(folder / "mail", http_port=inbox_port) as inbox:
        os.environ.update(_environment(folder, profile, postgres.url, inbox.smtp_port, port), **(extra or {}))
        settings = load(KitSettings)
        credentials = await _prepare_database(settings, folder)
        server = prepare("all", settings)
        serving = asyncio.create_task(server.serve())
        try:
            url = await _address(server, serving)
            async with httpx.AsyncClient(base_url=url, headers=_authorization(settings), timeout=120) as client:
                yield LocalPlatform(url, client, credentials, server)
        finally:
            server.should_exit = True
            await serving


def _environment(folder: Path, profile: str, database_url: str, smtp_port: int, port: int) -> dict[str, str]:
    return {
        "PACEWATCH_DATABASE_URL": database_url,
        "PACEWATCH_PROFILE": profile,
        "PACEWATCH_LOG_LEVEL": os.environ.get("PACEWATCH_LOG_LEVEL", "WARNING"),
        "PACEWATCH_PORT": str(port),
        "PACEWATCH_SMTP_HOST": "127.0.0.1",
        "PACEWATCH_SMTP_PORT": str(smtp_port),
        "PACEWATCH_PUBLIC_URL": f"http://localhost:{port}",
        "PACEWATCH_SECRETS_DIR": str(folder / "secrets"),
        "PACEWATCH_ARTIFACT_URL": f"file://{folder.absolute() / 'artifacts'}",
        "PACEWATCH_TRAINER_DATABASE_URL": _reader_url(database_url),
        "PACEWATCH_TRAINER_CACHE_DIR": str(folder / "trainer-cache"),
    }


def _reader_url(database_url: str) -> str:
    """The role that training data are read with; migrating gives it this password, another one at every start."""
    url = asyncpg_url(database_url).set(username="pacewatch_reader", password=secrets.token_urlsafe(24))
    return url.render_as_string(hide_password=False)


async def _prepare_database(settings: KitSettings, folder: Path) -> Credentials:
    database = Database(settings.database_url.get_secret_value())
    try:
        await migrate_all(database, settings.profile)
        credentials = _credentials(folder / "credentials.json")
        async with database.transaction("gateway") as session:
            await ensure_superuser(session, credentials.email, credentials.password)
    finally:
        await database.close()
    return credentials


def _credentials(path: Path) -> Credentials:
    """The superuser's, made on the first run and readable by the owner alone."""
    if not path.exists():
        made = {"email": SUPERUSER_EMAIL, "password": secrets.token_urlsafe(12)}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(made, file)
    return Credentials(**json.loads(path.read_text()))


async def _address(server: uvicorn.Server, serving: asyncio.Task[None]) -> str:
    while not server.started:
        if serving.done():
            await serving
            raise RuntimeError("the server ended while starting; the lines above say why")
        await asyncio.sleep(0.02)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://{host}:{port}"


def _authorization(settings: KitSettings) -> dict[str, str]:
    signer = Signer(settings.token_keys().private())
    token = signer.sign(
        "local-platform", role="service", scopes=SCOPES_BY_ROLE[Role.SUPERUSER], lifetime=timedelta(days=30)
    )
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def background(work: asyncio.Future[Any]) -> AsyncIterator[None]:
    """Run `work` beside the block and end it with the block."""
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
