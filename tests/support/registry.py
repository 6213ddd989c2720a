"""The registry on a real database: its functions and routes called directly, what it tells read from its outbox."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.contracts.models import ModelCandidate
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import blobs
from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.settings import KitSettings
from pacewatch.registry.handlers import on_model_candidate
from pacewatch.registry.models.examination import Examiner
from pacewatch.registry.models.judge import judge_next
from pacewatch.registry.settings import RegistrySettings
from support.candidates import candidate

EMPTY = """
UPDATE registry.active_model SET version = NULL, sequence = 0;
DELETE FROM registry.activations; DELETE FROM registry.models; DELETE FROM registry.training_runs;
DELETE FROM registry.pipeline_stages; DELETE FROM registry.label_ledger; DELETE FROM registry.outbox
"""


@dataclass(frozen=True)
class Registry:
    """The service under test; what it emitted stays in its outbox."""

    database: Database
    settings: KitSettings
    client: httpx.AsyncClient
    signer: Signer

    def examiner(self, timeout_s: float = 60) -> Examiner:
        store = blobs.open_store(self.settings.artifact_url)
        return Examiner(store, self.settings.artifact_keys().public(), PACEMAKER, timeout_s)

    async def tell(self, event: ModelCandidate) -> str:
        async with self.database.transaction("registry") as session:
            await on_model_candidate(event, session)
        return event.version

    async def judge(self, **limits: Any) -> str | None:
        return await judge_next(self.database, self.examiner(), RegistrySettings(**limits))

    async def promoted(self, hours: int = 0) -> str:
        """A good version that is active."""
        version = await self.accepted(hours)
        assert (await self.call("POST", f"models/{version}/activate")).status_code == 200
        return version

    def bearer(self, role: Role = Role.SUPERUSER, scopes: frozenset[str] | None = None) -> dict[str, str]:
        given = SCOPES_BY_ROLE[role] if scopes is None else scopes
        token = self.signer.sign("tester", role=role, scopes=given, lifetime=timedelta(minutes=9))
        return {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.client.request(
            method, f"/api/v1/{path}", json=body, params=params or None, headers=self.bearer()
        )

    async def model(self, version: str) -> Any:
        return (await self.call("GET", f"models/{version}")).json()

    async def active(self) -> str | None:
        answer = await self.call("GET", "models/active")
        return answer.json()["version"] if answer.status_code == 200 else None

    async def told(self) -> list[tuple[str, Any]]:
        """(type, data) of every event in the outbox, oldest first."""
        query = sa.text("SELECT type, data FROM registry.outbox ORDER BY emitted_at")
        async with self.database.engine.connect() as connection:
            return [(row.type, json.loads(row.data)) for row in await connection.execute(query)]

    async def empty(self) -> None:
        async with self.database.engine.begin() as connection:
            for statement in EMPTY.split(";"):
                await connection.execute(sa.text(statement))

    async def accepted(self, hours: int = 0) -> str:
        """A version that passed the gate and is not active."""
        return await self.decided(hours, "accepted")

    async def decided(self, hours: int, status: str) -> str:
        """A version the judge is done with, without the seconds that takes."""
        version = await self.tell(await candidate(self.settings, hours))
        change = sa.text("UPDATE registry.models SET status = :status WHERE version = :version")
        async with self.database.engine.begin() as connection:
            await connection.execute(change, {"status": status, "version": version})
        return version
