"""Takes a batch in: checks its rows, stores the good ones once, tells the platform, and says what became of each."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
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
from pacewatch.ingest.replies import Reply, reply
from pacewatch.ingest.telemetry import repository
from pacewatch.ingest.telemetry.bodies import MediaType, read
from pacewatch.ingest.telemetry.checking import Good
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.outbox import emit_all

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
    media_type: MediaType = MediaType.JSON

    def request_hash(self) -> bytes:
        """What must be the same when a request is repeated under its key."""
        kind = b"" if self.media_type is MediaType.JSON else self.media_type.encode() + b"\n"
        return hashlib.sha256(kind + self.mode.encode() + b"\n" + self.body).digest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A request on its way into the store."""

    id: UUID
    number: int
    received_at: datetime
    received: int


async def ingest(session: Session, profile: Profile, clock_tolerance_s: int, delivery: Delivery) -> Reply:
    """Store what is good and new; Unprocessable if the body is no batch, IdempotencyKeyReused if its key is taken."""
    rules = rules_of(profile)
    sent = read(delivery.body, delivery.media_type, rules)
    batch = await _open(session, delivery, len(sent))
    if batch is None:
        return await _first_reply(session, delivery)
    good, errors = sent.check(rules, clock.now_s() + clock_tolerance_s)
    accepted, known = await take(session, profile, batch, delivery.mode, good)
    errors += known
    report = _report(batch, accepted, _late(profile, batch, delivery.mode, accepted), errors, sent.ignored_columns)
    answer = reply(report)
    await _close(session, batch, delivery, accepted, report, errors, answer)
    return answer


async def take(session: Session, profile: Profile, batch: Batch, mode: Mode, good: Good) -> tuple[Good, list[RowError]]:
    """Store good rows as those of `batch` and tell the platform of the new ones; the others were known."""
    known = await repository.store(session, profile, batch.number, good)
    new = np.ones(len(good), dtype=np.bool_)
    new[[one.place for one in known]] = False
    accepted = good.where(new)
    await emit_all(session, list(_events(batch, profile, mode, accepted)))
    return accepted, [_told(int(good.rows[one.place]), same=one.same) for one in known]


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


def _late(profile: Profile, batch: Batch, mode: Mode, accepted: Good) -> int:
    """How many came late; history does not. The queries say the same of a stored reading."""
    if mode is not Mode.LIVE:
        return 0
    return int((accepted.timestamps_s <= batch.received_at.timestamp() - profile.late_after_s).sum())


def _report(
    batch: Batch, accepted: Good, late: int, errors: Sequence[RowError], ignored: Sequence[str]
) -> IngestReport:
    """Of every row one thing became; a conflict is a duplicate: same key, and the stored row stays."""
    duplicates = sum(error.code in DUPLICATES for error in errors)
    rejected = batch.received - len(accepted) - duplicates
    return IngestReport.model_construct(
        batch_id=batch.id,
        received=batch.received,
        accepted=len(accepted),
        duplicates=duplicates,
        rejected=rejected,
        late=late,
        errors=sorted(errors, key=lambda error: error.row)[:MAX_ERRORS_TOLD],
        ignored_columns=ignored,
    )


def _events(batch: Batch, profile: Profile, mode: Mode, accepted: Good) -> Iterator[TelemetryAccepted]:
    """Of as many rows each as a request may have. Every value was checked: building an event checks nothing again."""
    for first in range(0, len(accepted), MAX_ROWS_PER_REQUEST):
        part = accepted.where(np.s_[first : first + MAX_ROWS_PER_REQUEST])
        columns = zip(profile.signal_names, part.signals.T.tolist(), strict=True)
        readings = Readings.model_construct(
            device_ids=part.device_ids.tolist(), timestamps_s=part.timestamps_s.tolist(), signals=dict(columns)
        )
        yield TelemetryAccepted.model_construct(
            batch_id=batch.id, mode=mode, profile=profile.name, received_at=batch.received_at, readings=readings
        )


async def store_batch(
    session: Session, profile: Profile, delivery: Delivery, received: int, good: Good, errors: Sequence[RowError]
) -> tuple[IngestReport, Sequence[RowError]]:
    """A part of something larger as a batch of its own; its report, and everything that is to be told of its rows."""
    batch = await _open(session, delivery, received)
    assert batch is not None  # noqa: S101 - only a key can be taken, and there is none
    accepted, known = await take(session, profile, batch, delivery.mode, good)
    told = [*errors, *known]
    report = _report(batch, accepted, _late(profile, batch, delivery.mode, accepted), told, ())
    await _close(session, batch, delivery, accepted, report, told, Reply(200, b""))
    return report, told


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
    counts = (report.accepted, report.duplicates, report.rejected, report.late)
    await repository.close_batch(session, batch.number, *counts, codes, *span, *stored)
    log.info(
        "batch_ingested",
        batch_id=str(batch.id),
        mode=delivery.mode.value,
        received=report.received,
        accepted=report.accepted,
        duplicates=report.duplicates,
        rejected=report.rejected,
        late=report.late,
    )
