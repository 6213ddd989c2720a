"""Each contract test runs once on either transport."""

from collections.abc import AsyncIterator

import pytest
from support.chassis import Chassis, chassis

from pacewatch.kit import logs
from pacewatch.kit.db import Database


@pytest.fixture(scope="package", autouse=True)
def _logs_as_in_a_process() -> None:
    logs.configure("console", "WARNING")


@pytest.fixture(scope="package")
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(params=["memory", "rabbitmq"])
async def it(
    request: pytest.FixtureRequest, database: Database, amqp_url: str, amqp_prefix: str
) -> AsyncIterator[Chassis]:
    """A service on the transport in question."""
    async with chassis(database, amqp_url if request.param == "rabbitmq" else "", amqp_prefix) as it:
        yield it
