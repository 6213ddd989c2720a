"""Inference without its process: a test calls the handlers that the bus would call."""

import contextlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pacewatch.contracts.devices import AttributeEntry, DeviceRegistered
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode, ReadingColumns, TelemetryAccepted
from pacewatch.inference import service
from pacewatch.inference.jobs import rescore
from pacewatch.inference.models.loader import ModelLoader
from pacewatch.inference.service import Inference
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.kit import clock, db
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.settings import KitSettings
from support.inference.messages import telemetry_consumer
from support.inference.models import HEALTHY, START_S, Packed, activated, pack, signals_of

CACHE_BYTES = 2**23
TABLES = ("readings", "devices", "predictions", "models", "episodes", "attributes", "outbox", "inbox")

Row = tuple[int, float, Sequence[float]]
"""Device, day since START_S, values in the order of the profile's signals."""


@dataclass(frozen=True)
class Harness:
    """One process of inference on a database."""

    settings: KitSettings
    database: db.Database
    inference: Inference

    def new_process(self, cache_bytes: int = CACHE_BYTES) -> "Harness":
        """Another process of the same service, with no model loaded and no window cached."""
        models = self.inference.models
        fresh = ModelLoader(models.profile, models.blobs, models.public_keys, models.retry_s)
        return replace(self, inference=replace(self.inference, models=fresh, cache=WindowCache(cache_bytes)))

    def with_settings(self, **changes: float) -> "Harness":
        """The same process with other settings."""
        settings = self.inference.settings.model_copy(update=changes)
        return replace(self, inference=replace(self.inference, settings=settings))

    async def pack_model(self, day: int = 1, random_state: int = 1, *, sees_age: bool = False) -> Packed:
        """A signed model of that day of January 2026."""
        return await pack(self.settings, datetime(2026, 1, day, tzinfo=UTC), random_state, sees_age=sees_age)

    async def activate(self, model: Packed, sequence: int = 1, threshold: float = 0.3) -> None:
        """Receive an activation."""
        async with self.database.transaction("inference") as session:
            await rescore.store_activation(session, activated(model, sequence, threshold))

    async def rescore(self) -> None:
        """Rescore until no device is left."""
        devices = 1
        while devices:
            async with self.database.transaction("inference") as session:
                devices = await service.rescore_devices(session, self.inference)

    async def process(self, *rows: Row, mode: Mode = Mode.LIVE) -> None:
        """Receive one batch of these rows."""
        await self.process_event(batch(*rows, mode=mode))

    async def process_event(self, event: TelemetryAccepted) -> None:
        """Receive a batch."""
        async with self.database.transaction("inference") as session:
            await service.process_batch(session, self.inference, event)

    async def register(self, *entries: AttributeEntry) -> None:
        """Receive what the register of ingest recorded."""
        event = DeviceRegistered(registration_id=uuid4(), recorded_at=clock.now(), entries=list(entries))
        async with self.database.transaction("inference") as session:
            await service.store_attributes(session, event)

    def consumer(self) -> Consumer:
        """The consumer of telemetry of this process."""
        return telemetry_consumer(self.database, self.inference)

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        """Run a query in a transaction of its own."""
        async with self.database.transaction("inference") as session:
            return await (await db.driver(session)).fetch(query, *arguments)

    async def emitted(self, event_type: str) -> list[dict[str, Any]]:
        """The events of one type in the outbox."""
        rows = await self.fetch("SELECT data FROM inference.outbox WHERE type = $1 ORDER BY emitted_at", event_type)
        return [json.loads(row[0]) for row in rows]

    async def current_risks(self) -> dict[tuple[int, int], float]:
        """Device and second -> risk of every score that is not superseded."""
        rows = await self.fetch(
            "SELECT device_id, timestamp_s, risk FROM inference.predictions WHERE superseded_at IS NULL"
        )
        return {(row[0], row[1]): row[2] for row in rows}


def batch(*rows: Row, mode: Mode = Mode.LIVE) -> TelemetryAccepted:
    """Rows as ingest announces them when it receives them now: sorted by device and time."""
    ordered = sorted((device, int(START_S + day * SECONDS_PER_DAY), list(values)) for device, day, values in rows)
    return TelemetryAccepted(
        batch_id=uuid4(),
        mode=mode,
        profile=PACEMAKER.name,
        received_at=clock.now(),
        readings=ReadingColumns(
            device_ids=[row[0] for row in ordered],
            timestamps_s=[row[1] for row in ordered],
            signals=signals_of([row[2] for row in ordered]),
        ),
    )


def noisy(seed: int, values: Sequence[float] = HEALTHY) -> list[float]:
    """The values with 1 % noise, which reaches no hard limit; the same for the same seed."""
    source = random.Random(seed)
    return [value * source.gauss(1, 0.01) for value in values]


def daily_rows(devices: range, days: range, values: Sequence[float] = HEALTHY) -> list[Row]:
    """One noisy row of every device on every day."""
    return [(device, day, noisy(1_000 * device + day, values)) for device in devices for day in days]


@contextlib.contextmanager
def at_day(day: float) -> Iterator[None]:
    """Stop fleet time on that day since START_S."""
    before = clock.pace()
    clock.start_at(START_S + day * SECONDS_PER_DAY, 0)
    try:
        yield
    finally:
        clock.set_pace(before)
