"""Ingest as real processes over RabbitMQ, with a queue that receives their events; for tests that kill and measure."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
import asyncpg

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.messaging import amqp
from pacewatch.launcher.runtime.modules import queues
from support.platform.processes import Platform, Process, environment, migrate
from support.waiting import until

Key = tuple[int, int]
Stored = tuple[tuple[float, ...], str]
"""The signals of a row, and the id of its batch."""
STORED = f"""
    SELECT device_id, timestamp_s, {", ".join(f'"{name}"' for name in PACEMAKER.signal_names)}, id::text
    FROM ingest.readings JOIN ingest.batches ON number = batch_number
"""


@dataclass
class IngestProcesses:
    """`event_queue` receives every event of ingest. `dsn` is for further connections."""

    platform: Platform
    database: asyncpg.Connection
    event_queue: aio_pika.abc.AbstractQueue
    dsn: str

    @property
    def processes(self) -> list[Process]:
        return list(self.platform.processes.values())

    async def stored(self) -> dict[Key, Stored]:
        """Every stored row."""
        return {(row[0], row[1]): (tuple(row[2:-1]), row[-1]) for row in await self.database.fetch(STORED)}

    async def published(self) -> tuple[dict[Key, Stored], int, int]:
        """Every row in an event, the number of messages and the number of events, once the outbox is empty.

        Messages with the same id are one event, as for an inbox. AssertionError if two events hold the same row.
        """
        await until(self._is_outbox_empty)
        events: dict[str, Any] = {}
        messages = 0
        while message := await self.event_queue.get(fail=False, no_ack=True):
            messages += 1
            event = json.loads(message.body)
            assert events.setdefault(message.message_id, event) == event
        rows = [row for event in events.values() for row in _rows(event)]
        published = dict(rows)
        assert len(published) == len(rows), "a row is in two events"
        return published, messages, len(events)

    async def _is_outbox_empty(self) -> bool:
        return await self.database.fetchval("SELECT count(*) FROM ingest.outbox") == 0


def _rows(event: Mapping[str, Any]) -> list[tuple[Key, Stored]]:
    readings = event["readings"]
    keys = zip(readings["device_ids"], readings["timestamps_s"], strict=True)
    values = zip(*(readings["signals"][name] for name in PACEMAKER.signal_names), strict=True)
    return [(key, (one, event["batch_id"])) for key, one in zip(keys, values, strict=True)]


@asynccontextmanager
async def ingest_processes(
    database_url: str, amqp_url: str, folder: Path, names: Sequence[str], **variables: str
) -> AsyncIterator[IngestProcesses]:
    """One process for each name, on one empty database, until the block ends. `variables` are further settings."""
    prefix, dsn = f"t{secrets.token_hex(4)}.", database_url.replace("+asyncpg", "")
    settings = environment(folder, database_url, 1, amqp_url=amqp_url, prefix=prefix)
    settings |= {"PACEWATCH_INGEST_SPOOL_DIR": str(folder / "spool")} | variables
    await migrate(settings, folder, "ingest")
    serve = ["serve", "--target", "ingest"]
    platform = Platform({name: Process(serve, settings, folder, name) for name in names}, folder / "secrets")
    broker, database = await asyncio.gather(aio_pika.connect(amqp_url), asyncpg.connect(dsn))
    try:
        channel = await broker.channel()
        await amqp.declare(channel, prefix, queues())
        event_queue = await channel.declare_queue(prefix + "test_events", exclusive=True)
        await event_queue.bind(f"{prefix}pacewatch", routing_key="telemetry.accepted")
        await platform.start()
        yield IngestProcesses(platform, database, event_queue, dsn)
    finally:
        await platform.stop()
        await database.close()
        await amqp.delete(await broker.channel(), prefix, queues())
        await broker.close()
