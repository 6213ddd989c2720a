"""A gateway in the test's own process, with empty tables before each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import httpx
import pytest
from support.inside import Inside, inside, settings_for

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery"

Start = Callable[[], AbstractAsyncContextManager[Inside]]


@pytest.fixture(scope="session")
async def gateway_database(new_database: Callable[[], Awaitable[str]]) -> str:
    return await new_database()


@pytest.fixture
async def start(gateway_database: str, tmp_path: Path) -> Start:
    """`async with start() as process` runs a gateway with one superuser, Ada."""
    await clear_tables(gateway_database)

    def start_gateway() -> AbstractAsyncContextManager[Inside]:
        variables = {"PACEWATCH_SUPERUSER_EMAIL": EMAIL, "PACEWATCH_SUPERUSER_PASSWORD": PASSWORD}
        return inside(settings_for(gateway_database, tmp_path), ["gateway"], variables)

    return start_gateway


@pytest.fixture
async def gateway(start: Start) -> AsyncIterator[Inside]:
    async with start() as process:
        yield process


async def clear_tables(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if await connection.fetchval("SELECT to_regclass('gateway.users') IS NOT NULL"):
            await connection.execute("TRUNCATE gateway.users, gateway.refresh_tokens, gateway.login_attempts")
            await connection.execute("TRUNCATE gateway.api_keys, gateway.live_events, gateway.outbox RESTART IDENTITY")
    finally:
        await connection.close()


async def log_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/auth/login", data={"username": email, "password": password})


async def refresh(gateway: Inside, cookie: str | None) -> httpx.Response:
    async with gateway.client(None) as client:
        if cookie is not None:
            client.cookies.set("pacewatch_refresh", cookie)
        return await client.post("/auth/refresh")


def bearer(response: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {response.json()['access_token']}"}
