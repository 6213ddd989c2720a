"""A gateway in the test's own process, and empty tables before each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest
from support.platform.in_process import InProcess, run_in_process, settings_for

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery"

Start = Callable[[], AbstractAsyncContextManager[InProcess]]


@pytest.fixture(scope="session")
async def gateway_database(new_database: Callable[[], Awaitable[str]]) -> str:
    return await new_database()


@pytest.fixture
async def start(gateway_database: str, tmp_path: Path) -> Start:
    """`async with start() as process`: a gateway with one superuser, Ada."""
    await empty(gateway_database)

    def begin() -> AbstractAsyncContextManager[InProcess]:
        variables = {"PACEWATCH_SUPERUSER_EMAIL": EMAIL, "PACEWATCH_SUPERUSER_PASSWORD": PASSWORD}
        return run_in_process(settings_for(gateway_database, tmp_path), ["gateway"], variables)

    return begin


@pytest.fixture
async def gateway(start: Start) -> AsyncIterator[InProcess]:
    async with start() as process:
        yield process


async def empty(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if await connection.fetchval("SELECT to_regclass('gateway.users') IS NOT NULL"):
            await connection.execute("TRUNCATE gateway.users, gateway.refresh_tokens, gateway.login_attempts")
            await connection.execute("TRUNCATE gateway.api_keys, gateway.live_events, gateway.outbox RESTART IDENTITY")
    finally:
        await connection.close()
