"""The registry on a real database. Tests call its handlers and routes directly and read its events from the outbox."""

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
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.models.judge import judge_next
from pacewatch.registry.settings import RegistrySettings
from support.candidates import candidate

CLEAR_TABLES = """
UPDATE registry.active_model SET version = NULL, sequence = 0;
DELETE FROM registry.activations; DELETE FROM registry.models; DELETE FROM registry.training_runs;
DELETE FROM registry.pipeline_stages; DELETE FROM registry.label_ledger; DELETE FROM registry.outbox
"""


@dataclass(frozen=True)
class Registry:
    """The service under test. No relay runs, so its events stay in its outbox."""

    database: Database
    settings: KitSettings
    client: httpx.AsyncClient
    signer: Signer

    def checker(self, timeout_s: float = 60) -> ArtifactChecker:
        store = blobs.open_store(self.settings.artifact_url)
        return ArtifactChecker(store, self.settings.artifact_keys().public_keys(), PACEMAKER, timeout_s)

    async def receive(self, event: ModelCandidate) -> str:
        """Handle the event; returns the candidate's version."""
        async with self.database.transaction("registry") as session:
            await on_model_candidate(event, session)
        return event.version

    async def judge(self, **limits: Any) -> str | None:
        """Judge one candidate with these settings; returns its version, or None if no candidate is due."""
        return await judge_next(self.database, self.checker(), RegistrySettings(**limits))

    async def add_active(self, hours: int = 0) -> str:
        """Add a good version and activate it."""
        version = await self.add_accepted(hours)
        assert (await self.call("POST", f"models/{version}/activate")).status_code == 200
        return version

    async def add_accepted(self, hours: int = 0) -> str:
        """Add a version that passed the gate and is not active."""
        return await self.add_with_status(hours, "accepted")

    async def add_with_status(self, hours: int, status: str) -> str:
        """Add a version with this status, without the seconds that judging takes."""
        version = await self.receive(await candidate(self.settings, hours))
        change = sa.text("UPDATE registry.models SET status = :status WHERE version = :version")
        async with self.database.engine.begin() as connection:
            await connection.execute(change, {"status": status, "version": version})
        return version

    def bearer(self, role: Role = Role.SUPERUSER, scopes: frozenset[str] | None = None) -> dict[str, str]:
        """The Authorization header of a caller with this role, or with exactly these scopes."""
        given = SCOPES_BY_ROLE[role] if scopes is None else scopes
        token = self.signer.sign("tester", role=role, scopes=given, lifetime=timedelta(minutes=9))
        return {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.client.request(
            method, f"/api/v1/{path}", json=body, params=params or None, headers=self.bearer()
        )

    async def get_model(self, version: str) -> Any:
        return (await self.call("GET", f"models/{version}")).json()

    async def active_version(self) -> str | None:
        response = await self.call("GET", "models/active")
        return response.json()["version"] if response.status_code == 200 else None

    async def emitted(self) -> list[tuple[str, Any]]:
        """(type, data) of every event in the outbox, oldest first."""
        query = sa.text("SELECT type, data FROM registry.outbox ORDER BY emitted_at")
        async with self.database.engine.connect() as connection:
            return [(row.type, json.loads(row.data)) for row in await connection.execute(query)]

    async def emitted_types(self) -> list[str]:
        return [type_ for type_, _ in await self.emitted()]

    async def clear_tables(self) -> None:
        async with self.database.engine.begin() as connection:
            for statement in CLEAR_TABLES.split(";"):
                await connection.execute(sa.text(statement))
