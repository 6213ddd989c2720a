"""A gateway in the test's own process, with empty tables before each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from support.platform.in_process import InProcess, run_in_process, settings_for

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery"

Start = Callable[..., AbstractAsyncContextManager[InProcess]]


@pytest.fixture(scope="session")
async def gateway_database(new_database: Callable[[], Awaitable[str]]) -> str:
    return await new_database()


@pytest.fixture
async def start(gateway_database: str, tmp_path: Path) -> Start:
    """`async with start() as process` runs a gateway with one superuser, Ada, and with these settings."""
    await clear_tables(gateway_database)

    def start_gateway(**changes: str) -> AbstractAsyncContextManager[InProcess]:
        variables = {"PACEWATCH_SUPERUSER_EMAIL": EMAIL, "PACEWATCH_SUPERUSER_PASSWORD": PASSWORD}
        own = {f"PACEWATCH_{name.upper()}": value for name, value in changes.items()}
        settings = settings_for(gateway_database, tmp_path)
        of_every_process = {name: value for name, value in changes.items() if name in type(settings).model_fields}
        return run_in_process(settings.model_copy(update=of_every_process), ["gateway"], variables | own)

    return start_gateway


@pytest.fixture
async def gateway(start: Start) -> AsyncIterator[InProcess]:
    async with start() as process:
        yield process


async def clear_tables(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if await connection.fetchval("SELECT to_regclass('gateway.users') IS NOT NULL"):
            await connection.execute("TRUNCATE gateway.users, gateway.refresh_tokens, gateway.login_throttle")
            await connection.execute("TRUNCATE gateway.revoked_accounts, gateway.security_events")
            await connection.execute("TRUNCATE gateway.api_keys, gateway.live_events, gateway.outbox RESTART IDENTITY")
    finally:
        await connection.close()


async def log_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", data={"username": email, "password": password})


async def events(gateway: InProcess, kind: str) -> list[tuple[str, str, str]]:
    """Actor, address and detail of the security events of a kind, oldest first."""
    query = "SELECT actor, address, detail FROM gateway.security_events WHERE kind = :kind ORDER BY number"
    async with gateway.database.transaction("gateway") as session:
        return [tuple(row) for row in await session.execute(sa.text(query), {"kind": kind})]


async def refresh(gateway: InProcess, cookie: str | None) -> httpx.Response:
    async with gateway.client(None) as client:
        if cookie is not None:
            client.cookies.set("pacewatch_refresh", cookie)
        return await client.post("/auth/refresh")


def bearer(response: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
