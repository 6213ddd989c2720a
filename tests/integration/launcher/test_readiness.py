"""A process reports that it is ready only when the schemas of its services are migrated."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from support.platform.in_process import settings_for

from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.launcher.runtime.app import create_process_app
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.modules import create_modules, queues


async def test_a_process_is_not_ready_before_its_schema_is_migrated(
    new_database: Callable[[], Awaitable[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(await new_database(), tmp_path)
    database = Database(settings.database_url.get_secret_value())
    modules = create_modules("ingest", settings)
    verifier = Verifier(settings.token_keys().public_keys())
    app = create_process_app("test", modules, settings, database, MemoryBus(database, queues()), verifier)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        before = await client.get("/readyz")
        assert (before.status_code, "run `pacewatch migrate`" in before.text) == (503, True)
        monkeypatch.setenv("PACEWATCH_DATABASE_URL", settings.database_url.get_secret_value())
        await migrate_all(database, settings.profile, "ingest")
        assert (await client.get("/readyz")).status_code == 200
    await database.close()
