"""Each contract test runs once on each transport."""

from collections.abc import AsyncIterator

import pytest
from support.service_harness import ServiceHarness, service_harness

from pacewatch.kit import logs
from pacewatch.kit.db import Database


@pytest.fixture(scope="package", autouse=True)
def _configured_logs() -> None:
    logs.configure("console", "WARNING")


@pytest.fixture(scope="package")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(params=["memory", "rabbitmq"])
async def harness(
    request: pytest.FixtureRequest, database: Database, amqp_url: str, amqp_prefix: str
) -> AsyncIterator[ServiceHarness]:
    """A service on the transport of this run."""
    async with service_harness(database, amqp_url if request.param == "rabbitmq" else "", amqp_prefix) as harness:
        yield harness
