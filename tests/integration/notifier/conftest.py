"""A notifier in the test's own process, its mail server, and empty tables before each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest
from servers.mail import MailServer
from support.platform.in_process import InProcess, run_in_process, settings_for

RECIPIENTS = 'ann@example.org, "Bold, Bob" <bob@example.org>'

Start = Callable[..., AbstractAsyncContextManager[InProcess]]


@pytest.fixture(scope="session")
async def notifier_database(new_database: Callable[[], Awaitable[str]]) -> str:
    return await new_database()


@pytest.fixture
async def start(notifier_database: str, smtp_server: MailServer, tmp_path: Path) -> AsyncIterator[Start]:
    """`async with start(PACEWATCH_...="...") as process`: the notifier, and the gateway to take what it emits."""
    await empty(notifier_database)

    def begin(profile: str = "pacemaker", **variables: str) -> AbstractAsyncContextManager[InProcess]:
        defaults = {"PACEWATCH_SMTP_PORT": str(smtp_server.port), "PACEWATCH_ALERT_RECIPIENTS": RECIPIENTS}
        settings = settings_for(notifier_database, tmp_path, profile)
        # Few connections: some tests run two of these, and the server has a hundred for all.
        return run_in_process(settings, ["notifier", "gateway"], defaults | variables, pool_size=5)

    yield begin


async def empty(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if await connection.fetchval("SELECT to_regclass('notifier.deliveries') IS NOT NULL"):
            await connection.execute("TRUNCATE notifier.alerts, notifier.deliveries, notifier.outbox")
            await connection.execute("DELETE FROM gateway.live_events")
    finally:
        await connection.close()
