"""A notifier in the test's own process with a mail server, and empty tables before each test."""

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
    """`async with start(PACEWATCH_...="...") as process`: notifier and gateway, which lists the events."""
    await clear_tables(notifier_database)

    def start_notifier(profile: str = "pacemaker", **variables: str) -> AbstractAsyncContextManager[InProcess]:
        defaults = {"PACEWATCH_SMTP_PORT": str(smtp_server.port), "PACEWATCH_ALERT_RECIPIENTS": RECIPIENTS}
        settings = settings_for(notifier_database, tmp_path, profile)
        # Few connections, because some tests run two notifiers and the server allows a hundred in all.
        return run_in_process(settings, ["notifier", "gateway"], defaults | variables, pool_size=5)

    yield start_notifier


async def clear_tables(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if await connection.fetchval("SELECT to_regclass('notifier.deliveries') IS NOT NULL"):
            await connection.execute("TRUNCATE notifier.alerts, notifier.deliveries, notifier.inbox, notifier.outbox")
            await connection.execute("DELETE FROM gateway.live_events")
    finally:
        await connection.close()


async def list_deliveries(process: InProcess, **filters: str) -> list[dict[str, object]]:
    async with process.client() as client:
        response = await client.get("/deliveries", params={"size": 200, **filters})
        return list(response.json()["items"])


async def all_sent(process: InProcess) -> bool:
    deliveries = await list_deliveries(process)
    return bool(deliveries) and {(row["status"], row["last_error"]) for row in deliveries} == {("sent", None)}


async def event_types(process: InProcess) -> list[str]:
    async with process.client() as client:
        return [event["type"] for event in (await client.get("/live/recent")).json()["items"]]
