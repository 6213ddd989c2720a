"""A registry with migrated tables that are empty before every test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from support.registry import Registry
from support.training import settings_for

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.http import app as http
from pacewatch.kit.http.auth import Signer, Verifier
from pacewatch.kit.settings import KitSettings
from pacewatch.registry.module import create_module


@asynccontextmanager
async def client_of(settings: KitSettings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a registry that starts with these settings."""
    module = create_module(settings)
    assert module.router is not None
    await migrate.upgrade(database, module.name, module.migrations, profile=PACEMAKER)
    verifier = Verifier(settings.token_keys().public_keys())
    app = http.create_app("registry", verifier=verifier, database=database, max_body_mib=4)
    app.include_router(module.router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry", timeout=30) as client:
        yield client


@pytest.fixture(scope="package")
async def migrated(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Registry]:
    settings = settings_for(await new_database(), tmp_path_factory.mktemp("registry"))
    database = Database(settings.database_url.get_secret_value())
    async with client_of(settings, database) as client:
        yield Registry(database, settings, client, Signer(settings.token_keys().private()))
    await database.close()


@pytest.fixture
async def registry(migrated: Registry) -> Registry:
    await migrated.clear_tables()
    return migrated
