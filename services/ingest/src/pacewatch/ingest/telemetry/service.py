"""Takes a batch in: checks its rows, stores the good ones once, tells the platform, and says what became of each."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import numpy as np
import orjson

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import (
    MAX_ROWS_PER_REQUEST,
    IngestReport,
    Mode,
    Readings,
    RowError,
    TelemetryAccepted,
)
from pacewatch.ingest.errors import IdempotencyKeyReused
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.replies import Reply, reply
from pacewatch.ingest.telemetry import repository
from pacewatch.ingest.telemetry.checking import Good, check
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.outbox import emit

# Every row may have something to be told, a row may have several things, and the answer stays readable.
MAX_ERRORS_TOLD: Final = MAX_ROWS_PER_REQUEST
DUPLICATES: Final = frozenset({"duplicate", "conflict", "duplicate_in_batch"})

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request: what was sent, by whom, from where."""

    body: bytes
    mode: Mode
    actor: str
    address: str
    idempotency_key: str | None

    def request_hash(self) -> bytes:
        """What must be the same when a request is repeated under its key."""
        return hashlib.sha256(self.mode.encode() + b"\n" + self.body).digest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A request on its way into the store."""

    id: UUID
    number: int
    received_at: datetime
    received: int


async def ingest(session: Session, profile: Profile, clock_tolerance_s: int, delivery: Delivery) -> Reply:
    """Store what is good and new; Unprocessable if the body is no batch, IdempotencyKeyReused if its key is taken."""
    rows = json_array(delivery.body, MAX_ROWS_PER_REQUEST)
    batch = await _open(session, delivery, len(rows))
    if batch is None:
        return await _first_reply(session, delivery)
    good, errors = check(rows, rules_of(profile), clock.now_s() + clock_tolerance_s)
    known = await repository.store(session, profile, batch.number, good)
    new = np.ones(len(good), dtype=np.bool_)
    new[[one.place for one in known]] = False
    errors += [_told(int(good.rows[one.place]), same=one.same) for one in known]
    accepted = good.where(new)
    report = _report(batch, len(accepted), errors)
    answer = reply(report)
    if len(accepted):
        await emit(session, _event(batch, profile, delivery.mode, accepted))
    await _close(session, batch, delivery, accepted, report, errors, answer)
    return answer


async def _open(session: Session, delivery: Delivery, received: int) -> Batch | None:
    batch_id, received_at = uuid4(), clock.now()
    key = delivery.idempotency_key
    audit = {
        "id": batch_id,
        "mode": delivery.mode.value,
        "received_at": received_at,
        "actor": delivery.actor,
        "address": delivery.address,
        "correlation_id": logs.correlation_id(),
        "received": received,
        "idempotency_key": key,
        "request_hash": delivery.request_hash() if key else None,
    }
    number = await repository.open_batch(session, audit)
    return None if number is None else Batch(batch_id, number, received_at, received)


async def _first_reply(session: Session, delivery: Delivery) -> Reply:
    assert delivery.idempotency_key is not None  # noqa: S101 - only a key can be taken
    first = await repository.first_reply(session, delivery.actor, delivery.idempotency_key)
    if first.request_hash != delivery.request_hash():
        raise IdempotencyKeyReused()
    return Reply(first.reply_status, first.reply, repeated=True)


def _told(row: int, *, same: bool) -> RowError:
    if same:
        return RowError(row=row, field="timestamp", code="duplicate", message="is stored already, with the same values")
    return RowError(
        row=row, field="timestamp", code="conflict", message="is stored already, with other values; they stay"
    )


def _report(batch: Batch, accepted: int, errors: Sequence[RowError]) -> IngestReport:
    """Of every row one thing became; a conflict is a duplicate: same key, and the stored row stays."""
    duplicates = sum(error.code in DUPLICATES for error in errors)
    rejected = batch.received - accepted - duplicates
    return IngestReport.model_construct(
        batch_id=batch.id,
        received=batch.received,
        accepted=accepted,
        duplicates=duplicates,
        rejected=rejected,
        errors=sorted(errors, key=lambda error: error.row)[:MAX_ERRORS_TOLD],
    )


def _event(batch: Batch, profile: Profile, mode: Mode, accepted: Good) -> TelemetryAccepted:
    """Every value was checked one by one above: building the event checks nothing again."""
    columns = zip(profile.signal_names, accepted.signals.T.tolist(), strict=True)
    readings = Readings.model_construct(
        device_ids=accepted.device_ids.tolist(), timestamps_s=accepted.timestamps_s.tolist(), signals=dict(columns)
    )
    return TelemetryAccepted.model_construct(
        batch_id=batch.id, mode=mode, profile=profile.name, received_at=batch.received_at, readings=readings
    )


async def _close(
    session: Session,
    batch: Batch,
    delivery: Delivery,
    accepted: Good,
    report: IngestReport,
    errors: Sequence[RowError],
    answer: Reply,
) -> None:
    codes = orjson.dumps(Counter(error.code for error in errors)).decode()
    span = (int(accepted.timestamps_s.min()), int(accepted.timestamps_s.max())) if len(accepted) else (None, None)
    stored = (answer.status, answer.body) if delivery.idempotency_key else (None, None)
    counts = (report.accepted, report.duplicates, report.rejected)
    await repository.close_batch(session, batch.number, *counts, codes, *span, *stored)
    log.info(
        "batch_ingested",
        batch_id=str(batch.id),
        mode=delivery.mode.value,
        received=report.received,
        accepted=report.accepted,
        duplicates=report.duplicates,
        rejected=report.rejected,
    )
