"""The ingest service on a migrated database of this run; emptied before every test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr
from support.ingest import Ingest, stand_at
from support.ingest.large_fleet import fill_with_large_fleet
from support.platform.in_process import environment_variables

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.module import create_module
from pacewatch.kit import clock, migrate
from pacewatch.kit.db import Database
from pacewatch.kit.http import app as http
from pacewatch.kit.http.auth import Signer, Verifier
from pacewatch.kit.module import Resources
from pacewatch.kit.settings import KitSettings
from pacewatch.kit.wakeup import Wakeups


@pytest.fixture(scope="package")
async def migrated(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ingest]:
    async with running(await new_database(), tmp_path_factory) as ingest:
        yield ingest


@pytest.fixture(scope="package")
async def large_fleet(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ingest]:
    """Two million readings in a database of their own; for reading only."""
    async with running(await new_database(), tmp_path_factory) as ingest:
        await fill_with_large_fleet(ingest)
        yield ingest


@asynccontextmanager
async def running(url: str, folders: pytest.TempPathFactory) -> AsyncIterator[Ingest]:
    database = Database(url)
    settings = KitSettings(database_url=SecretStr(url), secrets_dir=folders.mktemp("secrets"))
    spool = folders.mktemp("spool")
    with environment_variables({"PACEWATCH_INGEST_SPOOL_DIR": str(spool), "PACEWATCH_INGEST_UPLOAD_MAX_MIB": "64"}):
        module = create_module(settings)
    assert module.router is not None
    await migrate.upgrade(database, module.name, module.migrations, profile=PACEMAKER)
    keys = settings.token_keys()
    app = http.create_app("ingest", verifier=Verifier(keys.public_keys()), database=database, max_body_mib=2)
    app.include_router(module.router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    resources = Resources(database, Wakeups(database))
    async with module.lifespan(resources), httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        yield Ingest(database, client, Signer(keys.private()), spool, module.loops["work_uploads"])
    await database.close()


@pytest.fixture
async def ingest(migrated: Ingest, fleet_clock: None) -> Ingest:
    """The service with an empty database; fleet time stands at NOW_S."""
    await migrated.empty()
    return migrated


@pytest.fixture
def fleet_clock() -> Iterator[None]:
    stand_at(0)
    yield
    clock.set_pace(None)
