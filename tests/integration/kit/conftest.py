"""A service of the tests' own on either transport."""

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


@pytest.fixture
async def it(database: Database) -> AsyncIterator[Chassis]:
    """A service over the in-process bus."""
    async with chassis(database) as it:
        yield it
