"""The service on a database of its own, with a real signed model at hand."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from support.models import START_S, Packed, activated, pack, signals_of

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode, Readings, TelemetryAccepted
from pacewatch.inference import service
from pacewatch.inference.jobs import rescore
from pacewatch.inference.models.loader import Loader
from pacewatch.inference.module import MIGRATIONS
from pacewatch.inference.service import Inference
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.kit import clock, db, migrate
from pacewatch.kit.blobs import open_store
from pacewatch.kit.settings import KitSettings

TABLES = ("readings", "devices", "predictions", "models", "episodes", "outbox", "inbox")

CACHED_READINGS = 100_000

Row = tuple[int, float, Sequence[float]]
"""Device, day since START_S, readings in the order of the profile's signals."""


def batch(*rows: Row, mode: Mode = Mode.LIVE) -> TelemetryAccepted:
    """Rows as ingest would announce them: sorted by device and time."""
    ordered = sorted((device, int(START_S + day * SECONDS_PER_DAY), list(values)) for device, day, values in rows)
    return TelemetryAccepted(
        batch_id=uuid4(),
        mode=mode,
        profile=PACEMAKER.name,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        readings=Readings(
            device_ids=[row[0] for row in ordered],
            timestamps_s=[row[1] for row in ordered],
            signals=signals_of([row[2] for row in ordered]),
        ),
    )


@dataclass(frozen=True)
class World:
    """A service without its process: handlers are called as the bus would."""

    settings: KitSettings
    database: db.Database
    inference: Inference

    def again(self, cached_readings: int = CACHED_READINGS) -> "World":
        """Another process of the same service: nothing loaded yet."""
        loader = self.inference.loader
        fresh = Loader(loader.profile, loader.blobs, loader.public_key, loader.retry_s)
        inference = replace(self.inference, loader=fresh, cache=WindowCache(cached_readings))
        return World(self.settings, self.database, inference)

    def set(self, **changes: float) -> "World":
        """The same service with other settings."""
        settings = self.inference.settings.model_copy(update=changes)
        return replace(self, inference=replace(self.inference, settings=settings))

    async def pack(self, day: int = 1, random_state: int = 1) -> Packed:
        return await pack(self.settings, datetime(2026, 1, day, tzinfo=UTC), random_state)

    async def activate(self, model: Packed, sequence: int = 1, threshold: float = 0.3) -> None:
        async with self.database.transaction("inference") as session:
            await rescore.begin(session, activated(model, sequence, threshold))

    async def rescore(self) -> None:
        devices = 1
        while devices:
            async with self.database.transaction("inference") as session:
                devices = await service.rescore(session, self.inference)

    async def take(self, *rows: Row, mode: Mode = Mode.LIVE) -> None:
        await self.handle(batch(*rows, mode=mode))

    async def handle(self, event: TelemetryAccepted) -> None:
        async with self.database.transaction("inference") as session:
            await service.take(session, self.inference, event)

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        async with self.database.transaction("inference") as session:
            return await (await db.driver(session)).fetch(query, *arguments)

    async def emitted(self, kind: str) -> list[dict[str, Any]]:
        rows = await self.fetch("SELECT data FROM inference.outbox WHERE type = $1 ORDER BY emitted_at", kind)
        return [json.loads(row[0]) for row in rows]

    async def risks(self) -> dict[tuple[int, int], float]:
        rows = await self.fetch(
            "SELECT device_id, timestamp_s, risk FROM inference.predictions WHERE superseded_at IS NULL"
        )
        return {(row[0], row[1]): row[2] for row in rows}


@contextlib.contextmanager
def at_day(day: float) -> Iterator[None]:
    """Fleet time stands still on that day."""
    before = clock.pace()
    clock.start_at(START_S + day * SECONDS_PER_DAY, 0)
    try:
        yield
    finally:
        clock.set_pace(before)


@pytest.fixture(scope="package")
async def inference_database(new_database: Callable[[], Awaitable[str]]) -> AsyncIterator[db.Database]:
    database = db.Database(await new_database())
    await migrate.upgrade(database, "inference", MIGRATIONS, profile=PACEMAKER)
    yield database
    await database.close()


@pytest.fixture
async def world(inference_database: db.Database, tmp_path: Path) -> AsyncIterator[World]:
    settings = KitSettings(
        database_url=SecretStr(inference_database.url.render_as_string(hide_password=False)),
        secrets_dir=tmp_path / "secrets",
        artifact_url=f"file://{tmp_path / 'artifacts'}",
    )
    loader = Loader(PACEMAKER, open_store(settings.artifact_url), settings.artifact_keys().public(), retry_s=0)
    new = World(
        settings, inference_database, Inference(PACEMAKER, InferenceSettings(), loader, WindowCache(CACHED_READINGS))
    )
    with at_day(41):
        yield new
    await new.fetch("TRUNCATE " + ", ".join(f"inference.{table}" for table in TABLES))


@pytest.fixture
async def scoring_world(world: World) -> World:
    """With an active model."""
    await world.activate(await world.pack())
    return world
