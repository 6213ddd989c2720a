"""The whole platform on this machine, in this process. The demo and the replay of recorded machines run on it."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.gateway.accounts.service import ensure_superuser
from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.demo.credentials import Credentials
from pacewatch.launcher.mailcatcher.server import Mailcatcher
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.serve import prepare


@dataclass(frozen=True, slots=True)
class LocalPlatform:
    """A running platform: its address, a client with every scope, and how to log in."""

    url: str
    client: httpx.AsyncClient
    credentials: Credentials


@asynccontextmanager
async def local_platform(
    folder: Path, profile: str, *, port: int = 0, mailcatcher_port: int = 0, extra: Mapping[str, str] | None = None
) -> AsyncIterator[LocalPlatform]:
    """Start PostgreSQL, a mailcatcher and every service, with all state in `folder`. Stop them in reverse order.

    `extra` are further settings by variable name. All settings go into the environment, because the trainer's
    subprocess needs the same ones.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        Mailcatcher(folder / "mail", http_port=mailcatcher_port) as mailcatcher,
    ):
        os.environ.update(_environment(folder, profile, postgres.url, mailcatcher.smtp_port, port), **(extra or {}))
        settings = load(KitSettings)
        credentials = await _prepare_database(settings, folder)
        server = prepare("all", settings)
        serving = asyncio.create_task(server.serve())
        try:
            url = await _address(server, serving)
            async with httpx.AsyncClient(base_url=url, headers=_authorization(settings), timeout=120) as client:
                yield LocalPlatform(url, client, credentials)
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
        "PACEWATCH_INGEST_SPOOL_DIR": str(folder / "uploads"),
        "PACEWATCH_ACCOUNTS": "pacewatch_",
        "PACEWATCH_TRAINER_DATABASE_URL": _readonly_role_url(database_url),
        "PACEWATCH_TRAINER_CACHE_DIR": str(folder / "trainer-cache"),
    }


def _readonly_role_url(database_url: str) -> str:
    """The address with the role that reads training data. Migrating sets this password, a new one at every start."""
    url = asyncpg_url(database_url).set(username="pacewatch_reader", password=secrets.token_urlsafe(24))
    return url.render_as_string(hide_password=False)


async def _prepare_database(settings: KitSettings, folder: Path) -> Credentials:
    database = Database(settings.database_url.get_secret_value())
    try:
        await migrate_all(database, settings.profile)
        credentials = Credentials.load_or_create(folder / "credentials.json")
        async with database.transaction("gateway") as session:
            await ensure_superuser(session, credentials.email, credentials.password)
    finally:
        await database.close()
    return credentials


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
