"""Services in the test's own process, over the in-process bus, behind a real port."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn
from pydantic import SecretStr

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.contracts.base import Event
from pacewatch.contracts.profiles import by_name
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Signer, Verifier
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.app import create_process_app
from pacewatch.launcher.runtime.modules import create_modules
from pacewatch.launcher.runtime.serve import Server


@dataclass(frozen=True)
class InProcess:
    """Running services: their address, and clients for them."""

    url: str
    database: Database
    signer: Signer
    server: uvicorn.Server
    # The claims of the first superuser's tokens; empty if there is no account.
    owner: Mapping[str, Any]

    def client(
        self, role: Role | None = Role.SUPERUSER, scopes: Iterable[str] | None = None, name: str | None = None
    ) -> httpx.AsyncClient:
        """A client with the token of `role`, or with only these scopes. Without a token if `role` is None.

        A superuser without a `name` is the first one, if there is an account.
        """
        headers = {}
        if role is not None:
            granted = SCOPES_BY_ROLE[role] if scopes is None else scopes
            claims = self.owner if role is Role.SUPERUSER and name is None else {}
            claims = {
                "name": name or "test@example.org",
                "role": role,
                "scopes": granted,
                "lifetime": timedelta(minutes=5),
                **claims,
            }
            token = self.signer.sign(**claims)
            headers["Authorization"] = f"Bearer {token}"
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    async def publish(self, *events: Event, service: str = "notifier") -> None:
        """Publish events as another service would: through the outbox of `service`."""
        async with self.database.transaction(service) as session:
            for event in events:
                await emit(session, event)


def settings_for(database_url: str, folder: Path, profile: str = "pacemaker") -> KitSettings:
    return KitSettings(database_url=SecretStr(database_url), secrets_dir=folder / "secrets", profile=profile)


@asynccontextmanager
async def run_in_process(
    settings: KitSettings, targets: Sequence[str], variables: Mapping[str, str] | None = None, *, pool_size: int = 10
) -> AsyncIterator[InProcess]:
    """Run `targets` until the block ends. `variables` are their environment while they are created."""
    with environment_variables(variables or {}):
        modules = [module for target in targets for module in create_modules(target, settings)]
    database = Database(settings.database_url.get_secret_value(), pool_size=pool_size)
    for module in modules:
        await migrate.upgrade(database, module.name, module.migrations, profile=by_name(settings.profile))
    bus = MemoryBus(database, [handler.queue for module in modules for handler in module.handlers])
    keys = settings.token_keys()
    app = create_process_app("test", modules, settings, database, bus, Verifier(keys.public_keys()))
    config = uvicorn.Config(
        app, port=0, log_level="warning", lifespan="on", timeout_graceful_shutdown=3, proxy_headers=False
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done(), "the server ended while starting"
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        owner = await _owner(database, (variables or {}).get("PACEWATCH_SUPERUSER_EMAIL"))
        yield InProcess(f"http://127.0.0.1:{port}", database, Signer(keys.private()), server, owner)
    finally:
        server.should_exit = True
        await serving


async def _owner(database: Database, email: str | None) -> dict[str, Any]:
    if email is None:
        return {}
    query = sa.text("SELECT id, epoch FROM gateway.users WHERE email = :email")
    async with database.transaction("gateway") as session:
        row = (await session.execute(query, {"email": email})).first()
    return {"name": email, "account": str(row.id), "epoch": row.epoch} if row is not None else {}


@contextmanager
def environment_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables until the block ends."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
