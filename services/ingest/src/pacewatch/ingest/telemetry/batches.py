"""One batch on its way into the store: the request, its audit row, its report and its events."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4, uuid5

import numpy as np
import orjson

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import (
    MAX_ROWS_PER_REQUEST,
    IngestReport,
    Mode,
    ReadingColumns,
    RowError,
    TelemetryAccepted,
)
from pacewatch.ingest.replies import Reply
from pacewatch.ingest.telemetry.bodies import MediaType
from pacewatch.ingest.telemetry.checking import RowErrors, ValidRows
from pacewatch.ingest.telemetry.repository import AuditColumns
from pacewatch.kit import clock, logs
from pacewatch.kit.columns.readings import Readings

# Every row may have an error and some have several; the report must stay readable.
MAX_ERRORS_REPORTED: Final = MAX_ROWS_PER_REQUEST
DUPLICATE_CODES: Final = frozenset({"duplicate", "conflict", "duplicate_in_batch"})

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """One request: the body, who sent it, and from where."""

    body: bytes
    mode: Mode
    actor: str
    address: str
    idempotency_key: str | None
    media_type: MediaType = MediaType.JSON

    def request_hash(self) -> bytes:
        """A hash of everything that must be the same when a request is repeated under its Idempotency-Key."""
        kind = b"" if self.media_type is MediaType.JSON else self.media_type.encode() + b"\n"
        return hashlib.sha256(kind + self.mode.encode() + b"\n" + self.body).digest()


@dataclass(frozen=True, slots=True)
class Batch:
    """A received batch of `received` rows."""

    id: UUID
    profile: Profile
    request: BatchRequest
    received_at: datetime
    received: int

    @classmethod
    def receive(cls, profile: Profile, request: BatchRequest, received: int) -> "Batch":
        """A new batch, received now by fleet time."""
        return cls(uuid4(), profile, request, clock.now(), received)

    def opening(self) -> AuditColumns:
        """The columns of the audit row that are known before the rows are checked."""
        request = self.request
        return {
            "id": self.id,
            "mode": request.mode.value,
            "received_at": self.received_at,
            "actor": request.actor,
            "address": request.address,
            "correlation_id": logs.correlation_id(),
            "received": self.received,
            "idempotency_key": request.idempotency_key,
            "request_hash": request.request_hash() if request.idempotency_key else None,
        }

    def closing(
        self, accepted: ValidRows, report: IngestReport, errors: RowErrors, answer: Reply | None
    ) -> AuditColumns:
        """The columns of the audit row that give the result; the answer is kept only under an Idempotency-Key."""
        times_s = accepted.readings.timestamps_s
        kept = answer if self.request.idempotency_key else None
        return {
            "accepted": report.accepted,
            "duplicates": report.duplicates,
            "rejected": report.rejected,
            "late": report.late,
            "codes": orjson.dumps(errors.counts).decode(),
            "first_s": int(times_s.min()) if len(accepted) else None,
            "last_s": int(times_s.max()) if len(accepted) else None,
            "events": _count_events(len(accepted)),
            "reply_status": kept and kept.status,
            "reply": kept and kept.body,
        }

    def report(self, accepted: ValidRows, errors: RowErrors, ignored: Sequence[str]) -> IngestReport:
        """Counts each row once; a conflict counts as a duplicate, because the stored row stays."""
        in_order = sorted(errors.kept, key=lambda error: error.row)
        duplicates = sum(errors.counts[code] for code in DUPLICATE_CODES)
        return IngestReport.model_construct(
            batch_id=self.id,
            received=self.received,
            accepted=len(accepted),
            duplicates=duplicates,
            rejected=self.received - len(accepted) - duplicates,
            late=self._count_late(accepted),
            errors=[RowError(**error._asdict()) for error in in_order[:MAX_ERRORS_REPORTED]],
            ignored_columns=ignored,
        )

    def _count_late(self, accepted: ValidRows) -> int:
        """Late readings; history is never late. `stored_readings` applies the same rule to stored readings."""
        if self.request.mode is not Mode.LIVE:
            return 0
        latest_s = self.received_at.timestamp() - self.profile.late_after_s
        return int((accepted.readings.timestamps_s <= latest_s).sum())

    def events(self, accepted: ValidRows) -> dict[UUID, TelemetryAccepted]:
        """By id, the events of this batch; the rows are in the order of device and time."""
        return {
            event_id(self.id, part): event_of(
                self.id, self.request.mode, self.profile, self.received_at, rows_of_part(accepted.readings, part)
            )
            for part in range(_count_events(len(accepted)))
        }

    def log(self, report: IngestReport) -> None:
        """Log the counts of the report."""
        log.info(
            "batch_ingested",
            batch_id=str(self.id),
            mode=self.request.mode.value,
            received=report.received,
            accepted=report.accepted,
            duplicates=report.duplicates,
            rejected=report.rejected,
            late=report.late,
        )


def event_id(batch_id: UUID, part: int) -> UUID:
    """The id of one event of a batch: the same whenever it is computed."""
    return uuid5(batch_id, f"{TelemetryAccepted.type} {part}")


def rows_of_part(readings: Readings, part: int) -> Readings:
    """The rows of one event of a batch, of all its accepted readings by device and time."""
    return readings.where(np.s_[part * MAX_ROWS_PER_REQUEST : (part + 1) * MAX_ROWS_PER_REQUEST])


def event_of(
    batch_id: UUID, mode: Mode, profile: Profile, received_at: datetime, readings: Readings
) -> TelemetryAccepted:
    """The event of these accepted rows. Every value is checked already, so nothing is validated."""
    columns = ReadingColumns.model_construct(
        device_ids=readings.device_ids.tolist(),
        timestamps_s=readings.timestamps_s.tolist(),
        signals={name: values.tolist() for name, values in readings.signals.items()},
    )
    return TelemetryAccepted.model_construct(
        batch_id=batch_id, mode=mode, profile=profile.name, received_at=received_at, readings=columns
    )


def _count_events(rows: int) -> int:
    return -(-rows // MAX_ROWS_PER_REQUEST)
