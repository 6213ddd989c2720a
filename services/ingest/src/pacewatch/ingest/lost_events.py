"""Events of batches, built again from stored readings when they were lost on their way to inference."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import asyncpg

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST, Mode, TelemetryAccepted
from pacewatch.ingest.telemetry.batches import event_id, event_of, rows_of_part
from pacewatch.kit import logs
from pacewatch.kit.columns import binary_copy
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.db import Session, driver
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.reconcile import Sent, Source

QUEUE: Final = Queue("inference", "on_telemetry_accepted", (TelemetryAccepted.type,))

log = logs.get(__name__)


def source(profile: Profile) -> Source:
    """Every event of every batch of the last month, in the order of the batches."""
    return Source(QUEUE, list_sent, partial(rebuild, profile=profile), is_ordered=True)


async def list_sent(session: Session, since: datetime, after: int, limit: int) -> list[Sent]:
    """The events of at most `limit` batches with numbers above `after`."""
    query = """
        SELECT number, id, events FROM ingest.batches
        WHERE number > $1 AND events > 0 AND received_at >= $2 ORDER BY number LIMIT $3"""
    rows = await (await driver(session)).fetch(query, after, since, limit)
    return [Sent(event_id(row[1], part), row[0], part) for row in rows for part in range(row[2])]


async def rebuild(session: Session, sent: Sequence[Sent], profile: Profile) -> Mapping[UUID, TelemetryAccepted]:
    """The events, with the same rows in the same order."""
    if not sent:
        return {}
    parts = defaultdict[int, list[int]](list)
    for one in sent:
        parts[one.position].append(one.key)
    connection = await driver(session)
    query = """
        SELECT number, id, mode, received_at, accepted, removed, first_s, last_s FROM ingest.batches
        WHERE number = ANY($1::bigint[]) ORDER BY number"""
    batches = await connection.fetch(query, list(parts))
    stored = await _readings(connection, profile, batches)
    events = {}
    for batch in batches:
        readings = stored[batch["number"]]
        if len(readings) != batch["accepted"] and batch["accepted"] > MAX_ROWS_PER_REQUEST:
            log.warning("batch_not_published", batch_id=str(batch["id"]), reason="retention has removed rows of it")
            continue
        for part in parts[batch["number"]]:
            rows, mode = rows_of_part(readings, part), Mode(batch["mode"])
            events[event_id(batch["id"], part)] = event_of(batch["id"], mode, profile, batch["received_at"], rows)
    return events


async def _readings(
    connection: asyncpg.Connection, profile: Profile, batches: Sequence[asyncpg.Record]
) -> dict[int, Readings]:
    """The stored readings of each batch, by device and time.

    One scan for all: no index has the batch's number. Their span bounds which partitions and pages are scanned.
    """
    signals = ", ".join(f'"{name}"' for name in profile.signal_names)
    query = f"""
        SELECT batch_number, device_id, timestamp_s, {signals} FROM ingest.readings
        WHERE batch_number = ANY($1::bigint[]) AND timestamp_s BETWEEN $2 AND $3"""  # noqa: S608 - names of the profile
    keys = dict.fromkeys(("batch_number", "device_id", "timestamp_s"), binary_copy.BIGINT)
    columns = await binary_copy.fetch(
        connection,
        query,
        keys | dict.fromkeys(profile.signal_names, binary_copy.DOUBLE),
        [batch["number"] for batch in batches],
        min(batch["first_s"] for batch in batches),
        max(batch["last_s"] for batch in batches),
    )
    numbers, device_ids, timestamps_s = (columns.pop(name) for name in keys)
    readings = Readings(device_ids, timestamps_s, columns)
    return {batch["number"]: readings.where(numbers == batch["number"]).ordered() for batch in batches}
