"""What is stored, told to readers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.audit import Narrowing
from pacewatch.ingest.errors import BatchNotFound
from pacewatch.ingest.schemas import BatchRecord, TelemetrySummary
from pacewatch.ingest.telemetry import repository
from pacewatch.kit import clock
from pacewatch.kit.db import Session


async def batches(session: Session, narrowing: Narrowing, page: int, size: int) -> tuple[list[BatchRecord], int]:
    """One page of the audit, newest first, and how many batches there are."""
    rows, total = await repository.batches(session, narrowing, page, size)
    return [BatchRecord.model_validate(dict(row)) for row in rows], total


async def batch(session: Session, batch_id: UUID) -> BatchRecord:
    """The audit of one batch; BatchNotFound."""
    row = await repository.batch(session, batch_id)
    if row is None:
        raise BatchNotFound()
    return BatchRecord.model_validate(dict(row))


async def summary(session: Session) -> TelemetrySummary:
    """How much is stored; today is the day of fleet time."""
    now = clock.now()
    midnight = now - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    return TelemetrySummary.model_validate({**await repository.summary(session, midnight), "as_of": now})


async def device_readings(
    session: Session, profile: Profile, device_id: int, from_s: int, to_s: int, limit: int
) -> bytes:
    """JSON of the newest `limit` readings of one device, oldest first."""
    return _json(profile, await repository.device_readings(session, profile, device_id, from_s, to_s, limit))


async def recent_readings(session: Session, profile: Profile, limit: int) -> bytes:
    """JSON of the fleet's newest `limit` readings, newest first."""
    return _json(profile, await repository.recent_readings(session, profile, limit))


def _json(profile: Profile, records: Sequence[asyncpg.Record]) -> bytes:
    """Straight to bytes: a model object for each of thousands of rows would cost more than the query."""
    return orjson.dumps({"items": [_row(profile, record) for record in records]})


def _row(profile: Profile, record: asyncpg.Record) -> dict[str, Any]:
    return {
        profile.device_field: record["device_id"],
        "timestamp": record["timestamp_s"],
        "signals": {name: record[name] for name in profile.signal_names},
        "label": record["label"],
        "late": record["late"],
    }
