"""A database with the trainer's tables and the two views it reads, emptied for every test; and a history to store."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url
from support.training import History, create_ingest, pacemakers, settings_for, store_history

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit import clock, migrate
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.module import MIGRATIONS
from pacewatch.trainer_agent.settings import TrainerSettings

QUICK = {"algorithm": "logistic_regression"}


@cache
def history() -> History:
    return pacemakers(devices=60, count=70, enrich=40, seed=5)


@dataclass(frozen=True)
class Trainer:
    """Database and settings of a trainer, and a connection with which tests act as the platform."""

    database: Database
    kit: KitSettings
    own: TrainerSettings
    platform: asyncpg.Connection

    async def run_row(self, run_id: Any) -> asyncpg.Record:
        return await self.platform.fetchrow("SELECT * FROM trainer_agent.runs WHERE id = $1", run_id)

    async def event_types(self) -> list[str]:
        """Types of the emitted events, oldest first."""
        rows = await self.platform.fetch("SELECT type FROM trainer_agent.outbox ORDER BY emitted_at")
        return [row["type"] for row in rows]


@pytest.fixture(scope="session")
async def trainer_url(new_database: Callable[[], Awaitable[str]]) -> str:
    url = await new_database()
    database = Database(url)
    await migrate.upgrade(database, "trainer_agent", MIGRATIONS, profile=PACEMAKER)
    await database.close()
    return url


@pytest.fixture
async def trainer(trainer_url: str, tmp_path: Path) -> AsyncIterator[Trainer]:
    platform = await asyncpg.connect(trainer_url.replace("+asyncpg", ""))
    await platform.execute("TRUNCATE trainer_agent.runs, trainer_agent.outbox")
    await create_ingest(platform)
    database = Database(trainer_url)
    own = TrainerSettings(cache_dir=tmp_path / "cache", lease_s=60, commit="abc123", niceness=0)
    yield Trainer(database, settings_for(trainer_url, tmp_path), own, platform)
    await database.close()
    await platform.close()


@pytest.fixture
async def loaded(trainer: Trainer) -> AsyncIterator[Trainer]:
    """A trainer whose platform has the readings and outcomes of `history`, at the end of it."""
    clock.start_at(history().now_s, 0)
    await store_history(trainer.platform, history())
    yield trainer
    clock.set_pace(None)


@pytest.fixture
async def new_role(trainer: Trainer, trainer_url: str) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """`await new_role("CONNECTION LIMIT 1")` creates a role that may log in, and gives its address of the database."""
    password, names = secrets.token_hex(8), []

    async def create(options: str) -> str:
        names.append(name := f"t{secrets.token_hex(4)}")
        await trainer.platform.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}' {options}")
        return make_url(trainer_url).set(username=name, password=password).render_as_string(hide_password=False)

    yield create
    for name in names:
        await trainer.platform.execute(f'DROP ROLE "{name}"')
