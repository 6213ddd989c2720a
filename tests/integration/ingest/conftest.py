"""Ingest's routes on a real database, without relay or loops: what was emitted can be read in the outbox."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest.module import create_module
from pacewatch.kit import clock, http, migrate
from pacewatch.kit.auth import Signer, Verifier
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings

NOW_S = 1_790_000_000  # 2026-09-21
EMPTY = """
    TRUNCATE ingest.readings, ingest.batches, ingest.outcomes, ingest.outbox;
    UPDATE ingest.ledger SET as_of_s = NULL, positive = 0, negative = 0, censored = 0
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Ingest:
    """The service under test."""

    database: Database
    client: httpx.AsyncClient
    signer: Signer

    def bearer(self, role: Role = Role.SUPERUSER) -> dict[str, str]:
        token = self.signer.sign(
            role.value, role=role.value, scopes=SCOPES_BY_ROLE[role], lifetime=timedelta(minutes=9)
        )
        return {"Authorization": f"Bearer {token}"}

    async def post(self, rows: object, path: str = "telemetry/ingest", **headers: str) -> httpx.Response:
        body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
        return await self.client.post(f"/api/v1/{path}", content=body, headers={**self.bearer(), **headers})

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.bearer())
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.transaction("ingest") as session:
            result = await session.execute(sa.text(statement), values)
            return list(result) if result.returns_rows else []

    async def events(self, kind: str) -> list[Any]:
        rows = await self.sql("SELECT data FROM ingest.outbox WHERE type = :kind ORDER BY emitted_at", kind=kind)
        return [json.loads(row.data) for row in rows]


@pytest.fixture(scope="session")
async def migrated(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ingest]:
    database = Database(await new_database())
    settings = KitSettings(
        database_url=SecretStr("postgresql://nobody@localhost/nothing"), secrets_dir=tmp_path_factory.mktemp("secrets")
    )
    module = create_module(settings)
    assert module.router is not None
    await migrate.upgrade(database, module.name, Path(module.migrations), profile=PACEMAKER)
    keys = settings.token_keys()
    app = http.create_app("ingest", verifier=Verifier([keys.public()]), database=database, max_body_mib=1)
    app.include_router(module.router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        yield Ingest(database, client, Signer(keys.private()))
    await database.close()


@pytest.fixture
async def ingest(migrated: Ingest, fleet_clock: None) -> Ingest:
    """Nothing stored yet; fleet time stands at NOW_S."""
    for statement in EMPTY.split(";"):
        await migrated.sql(statement)
    return migrated


@pytest.fixture
def fleet_clock() -> Iterator[None]:
    clock.start_at(NOW_S, 0)
    yield
    clock.set_pace(None)


def reading(device: int = 1, timestamp_s: int = NOW_S, **changed: Any) -> Row:
    """A good row of the pacemaker profile."""
    values = {signal.name: (signal.normal.low + signal.normal.high) / 2 for signal in PACEMAKER.signals}
    return {PACEMAKER.device_field: device, "timestamp": timestamp_s, **values, **changed}
