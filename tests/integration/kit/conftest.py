"""Fixtures for tests of kit: a small service on the in-process bus, and an HTTP client of it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa
from support.http_service import create_test_app
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


@pytest.fixture
async def harness(database: Database) -> AsyncIterator[ServiceHarness]:
    """A service on the in-process bus."""
    async with service_harness(database) as harness:
        yield harness


@pytest.fixture
async def client(harness: ServiceHarness) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the HTTP service."""
    async with harness.database.transaction(harness.service) as session:
        ddl = f"CREATE TABLE {harness.service}.deferred (n int, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)"
        await session.execute(sa.text(ddl))
    transport = httpx.ASGITransport(create_test_app(harness.database, harness.service))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client
