"""Takes a batch in: checks its rows, stores the valid ones once, tells the platform, and says what became of each."""

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
from pacewatch.ingest.telemetry.checking import ValidRows
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit_all

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
    delivery: Delivery
    received_at: datetime
    received: int


async def ingest(session: Session, profile: Profile, clock_tolerance_s: int, delivery: Delivery) -> Reply:
    """Store what is good and new; Unprocessable if the body is no batch, IdempotencyKeyReused if its key is taken."""
    rules = rules_of(profile)
    sent = read(delivery.body, delivery.media_type, rules)
    batch = _batch(delivery, len(sent))
    valid, errors = sent.check(rules, clock.now_s() + clock_tolerance_s)
    answer = await _ingest_new(session, profile, batch, valid, errors, sent.ignored_columns)
    if answer is not None:
        return answer
    await session.rollback()
    number = await repository.open_batch(session, _opening(batch))
    if number is None:
        return await _first_reply(session, delivery)
    accepted, known = await take(session, profile, batch, number, valid)
    report = _report(profile, batch, accepted, [*errors, *known], sent.ignored_columns)
    answer = reply(report)
    await repository.close_batch(session, number, _closing(batch, accepted, report, [*errors, *known], answer))
    _log(batch, report)
    return answer


async def _ingest_new(
    session: Session,
    profile: Profile,
    batch: Batch,
    valid: ValidRows,
    errors: Sequence[RowError],
    ignored: Sequence[str],
) -> Reply | None:
    """The short way for what nearly every batch is, new in all its keys; None if it is not, or has no good row.

    What will have become of each row is known beforehand, so all of it is one statement and the event.
    """
    if not len(valid):
        return None
    report = _report(profile, batch, valid, errors, ignored)
    answer = reply(report)
    audit_row = _opening(batch) | _closing(batch, valid, report, errors, answer)
    if not await repository.store_new(session, profile, audit_row, valid.readings):
        return None
    await emit_all(session, list(_events(batch, profile, valid)))
    _log(batch, report)
    return answer


async def take(
    session: Session, profile: Profile, batch: Batch, number: int, valid: ValidRows
) -> tuple[ValidRows, list[RowError]]:
    """Store good rows as those of batch `number` and tell the platform of the new ones; the others were known."""
    known = await repository.store(session, profile, number, valid.readings)
    new = np.ones(len(valid), dtype=np.bool_)
    new[[one.place for one in known]] = False
    accepted = valid.where(new)
    await emit_all(session, list(_events(batch, profile, accepted)))
    return accepted, [_told(int(valid.places[one.place]), same=one.same) for one in known]


def _batch(delivery: Delivery, received: int) -> Batch:
    return Batch(uuid4(), delivery, clock.now(), received)


def _opening(batch: Batch) -> dict[str, object]:
    """The columns of the audit row that are known before the rows are checked."""
    delivery = batch.delivery
    return {
        "id": batch.id,
        "mode": delivery.mode.value,
        "received_at": batch.received_at,
        "actor": delivery.actor,
        "address": delivery.address,
        "correlation_id": logs.correlation_id(),
        "received": batch.received,
        "idempotency_key": delivery.idempotency_key,
        "request_hash": delivery.request_hash() if delivery.idempotency_key else None,
    }


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


def _late(profile: Profile, batch: Batch, accepted: ValidRows) -> int:
    """How many came late; history does not. The queries say the same of a stored reading."""
    if batch.delivery.mode is not Mode.LIVE:
        return 0
    return int((accepted.readings.timestamps_s <= batch.received_at.timestamp() - profile.late_after_s).sum())


def _report(
    profile: Profile, batch: Batch, accepted: ValidRows, errors: Sequence[RowError], ignored: Sequence[str]
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
        late=_late(profile, batch, accepted),
        errors=sorted(errors, key=lambda error: error.row)[:MAX_ERRORS_TOLD],
        ignored_columns=ignored,
    )


def _events(batch: Batch, profile: Profile, accepted: ValidRows) -> Iterator[TelemetryAccepted]:
    """Of as many rows each as a request may have. Every value was checked: building an event checks nothing again."""
    for first in range(0, len(accepted), MAX_ROWS_PER_REQUEST):
        part = accepted.readings.where(np.s_[first : first + MAX_ROWS_PER_REQUEST])
        readings = Readings.model_construct(
            device_ids=part.device_ids.tolist(),
            timestamps_s=part.timestamps_s.tolist(),
            signals={name: values.tolist() for name, values in part.signals.items()},
        )
        yield TelemetryAccepted.model_construct(
            batch_id=batch.id,
            mode=batch.delivery.mode,
            profile=profile.name,
            received_at=batch.received_at,
            readings=readings,
        )


async def store_batch(
    session: Session, profile: Profile, delivery: Delivery, received: int, valid: ValidRows, errors: Sequence[RowError]
) -> tuple[IngestReport, Sequence[RowError]]:
    """A part of something larger as a batch of its own; its report, and everything that is to be told of its rows."""
    batch = _batch(delivery, received)
    number = await repository.open_batch(session, _opening(batch))
    assert number is not None  # noqa: S101 - only a key can be taken, and there is none
    accepted, known = await take(session, profile, batch, number, valid)
    told = [*errors, *known]
    report = _report(profile, batch, accepted, told, ())
    await repository.close_batch(session, number, _closing(batch, accepted, report, told, Reply(200, b"")))
    _log(batch, report)
    return report, told


def _closing(
    batch: Batch, accepted: ValidRows, report: IngestReport, errors: Sequence[RowError], answer: Reply
) -> dict[str, object]:
    """The columns of the audit row that say what became of a batch; the reply is kept only under a key."""
    times_s, keyed = accepted.readings.timestamps_s, bool(batch.delivery.idempotency_key)
    return {
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "late": report.late,
        "codes": orjson.dumps(Counter(error.code for error in errors)).decode(),
        "first_s": int(times_s.min()) if len(accepted) else None,
        "last_s": int(times_s.max()) if len(accepted) else None,
        "reply_status": answer.status if keyed else None,
        "reply": answer.body if keyed else None,
    }


def _log(batch: Batch, report: IngestReport) -> None:
    log.info(
        "batch_ingested",
        batch_id=str(batch.id),
        mode=batch.delivery.mode.value,
        received=report.received,
        accepted=report.accepted,
        duplicates=report.duplicates,
        rejected=report.rejected,
        late=report.late,
    )
