"""Uploads: queued, then stored chunk by chunk, each chunk in a transaction that also moves the upload's cursor."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import Mode, RowError
from pacewatch.ingest.audit import AuditFilter
from pacewatch.ingest.errors import UploadFinished, UploadNotFound
from pacewatch.ingest.telemetry import service as telemetry
from pacewatch.ingest.telemetry.batches import DUPLICATE_CODES, BatchRequest
from pacewatch.ingest.telemetry.checking import ValidRows
from pacewatch.ingest.uploads import repository
from pacewatch.ingest.uploads.chunks import Chunk, Format
from pacewatch.ingest.uploads.schemas import RejectsFormat, Status, UploadRecord
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import PacewatchError

_REJECTS_PER_PIECE: Final = 5_000
_REJECT_COLUMNS: Final = ("row", "field", "code", "message")


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed upload and its cursor."""

    number: int
    id: UUID
    owner: UUID
    format: Format
    mode: Mode
    actor: str
    address: str
    correlation_id: str
    rows_done: int
    bytes_done: int


@dataclass(frozen=True, slots=True)
class CheckedChunk:
    """A chunk, its valid rows, and the errors of the others."""

    chunk: Chunk
    valid: ValidRows
    errors: Sequence[RowError]


async def enqueue(
    session: Session, upload_id: UUID, kind: Format, mode: Mode, size_bytes: int, actor: str, address: str
) -> UploadRecord:
    """Queue the upload of a spooled file."""
    values: dict[str, Any] = {
        "id": upload_id,
        "format": kind.value,
        "mode": mode.value,
        "received_at": clock.now(),
        "actor": actor,
    }
    values |= {"address": address, "correlation_id": logs.correlation_id(), "bytes_total": size_bytes}
    await repository.insert(session, values)
    return await record(session, upload_id)


async def records(session: Session, filters: AuditFilter, paging: Paging) -> tuple[list[UploadRecord], int]:
    """One page of uploads, newest first, and how many there are."""
    rows, total = await repository.page(session, filters, paging)
    return [UploadRecord.model_validate(dict(row)) for row in rows], total


async def record(session: Session, upload_id: UUID) -> UploadRecord:
    """One upload; UploadNotFound."""
    return UploadRecord.model_validate(dict(await _row(session, upload_id)))


async def _row(session: Session, upload_id: UUID) -> sa.RowMapping:
    row = await repository.one(session, upload_id)
    if row is None:
        raise UploadNotFound()
    return row


async def cancel(session: Session, upload_id: UUID) -> UploadRecord:
    """Cancel an upload; rows it has stored stay. UploadFinished if it has ended; cancelling twice is no error."""
    await repository.cancel(session, upload_id, clock.now())
    found = await record(session, upload_id)
    if found.status is not Status.CANCELLED:
        raise UploadFinished(f"the upload is {found.status}; there is nothing to cancel")
    return found


async def rejects(session: Session, database: Database, upload_id: UUID, kind: RejectsFormat) -> AsyncIterator[bytes]:
    """The rejects file, piece by piece, each in its own transaction: the request's has ended when it is sent."""
    number = int((await _row(session, upload_id))["number"])

    async def pieces() -> AsyncIterator[bytes]:
        if kind is RejectsFormat.CSV:
            yield ",".join(_REJECT_COLUMNS).encode() + b"\n"
        after = 0
        while True:
            async with database.transaction("ingest") as own:
                rows = await repository.rejects(own, number, after, _REJECTS_PER_PIECE)
            if not rows:
                return
            after = rows[-1].place
            yield _encoded(rows, kind)

    return pieces()


def _encoded(rows: Sequence[Any], kind: RejectsFormat) -> bytes:
    if kind is RejectsFormat.NDJSON:
        rejects_of_piece = (dict(zip(_REJECT_COLUMNS, row[1:], strict=True)) for row in rows)
        return b"".join(orjson.dumps(reject, option=orjson.OPT_APPEND_NEWLINE) for reject in rejects_of_piece)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row[1:] for row in rows)
    return text.getvalue().encode()


async def store_chunk(session: Session, profile: Profile, lease_s: float, job: Job, checked: CheckedChunk) -> bool:
    """Store a chunk as a batch of its own and move the cursor behind it; False if the lease is lost."""
    if not await repository.lock_at(session, job.number, job.owner, job.rows_done):
        return False
    chunk = checked.chunk
    request = BatchRequest(b"", job.mode, job.actor, job.address, None)
    report, errors = await telemetry.store_batch(session, profile, request, chunk.rows, checked.valid, checked.errors)
    rejected = [error for error in errors if error.code not in DUPLICATE_CODES]
    rows = ((job.number, job.rows_done + error.row, error.field, error.code, error.message) for error in rejected)
    await repository.add_rejects(session, sorted(rows))
    values: dict[str, Any] = {"number": job.number, "batch_id": report.batch_id, "lease_s": lease_s}
    values |= {"bytes_done": chunk.bytes_done, "rows_total": chunk.rows_total, "ignored": list(chunk.ignored_columns)}
    await repository.advance(session, values)
    return True


async def finish(session: Session, job: Job, status: Status, error: PacewatchError | None = None) -> None:
    """End an upload, if its lease is not lost; `error` is why it failed."""
    result = {"error_code": error.code if error else None, "error": error.message if error else None}
    own = {"number": job.number, "owner": job.owner}
    await repository.finish(session, {**result, **own, "status": status.value, "now": clock.now()})
