"""Uploads: queued, then stored chunk by chunk, each chunk in a transaction that also moves the upload's cursor."""

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.audit import AuditFilter
from pacewatch.ingest.errors import UploadFinished, UploadNotFound
from pacewatch.ingest.telemetry import service as telemetry
from pacewatch.ingest.telemetry.batches import DUPLICATE_CODES, BatchRequest
from pacewatch.ingest.telemetry.checking import MAX_KEPT, CheckedRows
from pacewatch.ingest.uploads import repository
from pacewatch.ingest.uploads.schemas import RejectsFormat, Status, UploadOptions, UploadRecord
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.http.tables import not_computed
from pacewatch.kit.tables.files.chunks import Format
from pacewatch.kit.tables.findings import NOTE, Finding, merged
from pacewatch.kit.tables.table import PLAIN, Dialect

_REJECTS_PER_PIECE: Final = 5_000
_REJECT_COLUMNS: Final = ("row", "field", "code", "message")
# From so many invalid rows on, a file of which so large a share is invalid is not read to its end.
_MANY_USELESS: Final = 10_000
_USELESS_SHARE: Final = 0.9
# If none at all is valid, so many are enough.
_MANY_AT_ONCE: Final = 1_000


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
    rejected: int
    codes: Counter[str]
    attempts: int
    """How often it was claimed since a chunk was stored."""
    dialect: Dialect = PLAIN
    dry_run: bool = False
    blank_rows: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def source(self) -> tuple[Format, Dialect, int, int]:
        """What a reader needs besides the path to continue: a blank line is a row of the file as well."""
        return self.format, self.dialect, self.rows_done + self.blank_rows, self.bytes_done

    def behind(self, rows: CheckedRows, rejected: int, codes: Counter[str]) -> "Job":
        """This job behind a chunk of `rows`, of which so many were rejected, with so many errors of each code."""
        return replace(
            self,
            rows_done=self.rows_done + rows.received,
            bytes_done=rows.bytes_done,
            rejected=self.rejected + rejected,
            codes=self.codes + codes,
            attempts=0,
            blank_rows=self.blank_rows + rows.blank,
            findings=tuple(merged([self.findings, rows.findings])),
        )

    @property
    def rejects_kept(self) -> int:
        """Errors of rejected rows that are stored."""
        return min(sum(count for code, count in self.codes.items() if code not in DUPLICATE_CODES), MAX_KEPT)

    @property
    def is_hopeless(self) -> bool:
        """Whether nearly all rows are invalid, or repeat a row of the same chunk.

        A file that was stored before is not: its rows are duplicates of stored ones.
        """
        if self.rejected == self.rows_done >= _MANY_AT_ONCE:
            return True
        useless = self.rejected + self.codes["duplicate_in_batch"]
        return useless >= _MANY_USELESS and useless >= _USELESS_SHARE * self.rows_done

    @property
    def why_hopeless(self) -> str:
        """What is wrong with most rows, in words."""
        share = "none" if self.rejected == self.rows_done else "nearly none"
        faults = [one for one in self.findings if one.code != NOTE]
        worst = max(faults, key=lambda one: one.count, default=None)
        reason = f": {worst.words()}" if worst else ""
        return f"{share} of the first {self.rows_done:,} rows can be stored{reason}; mend the file and send it again"


async def enqueue(
    session: Session, upload_id: UUID, options: UploadOptions, size_bytes: int, actor: str, address: str
) -> UploadRecord:
    """Queue the upload of a spooled file."""
    values = options.model_dump(mode="json") | {"id": upload_id, "received_at": clock.now(), "actor": actor}
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
    csv.writer(text, lineterminator="\n").writerows(map(not_computed, row[1:]) for row in rows)
    return text.getvalue().encode()


async def store_chunk(session: Session, profile: Profile, lease_s: float, job: Job, checked: CheckedRows) -> Job | None:
    """Store a chunk as a batch of its own and move the cursor behind it; None if the lease is lost.

    A dry run stores nothing. The first MAX_KEPT errors of an upload are stored with their rows, the others are only
    counted.
    """
    if not await repository.lock_at(session, job.number, job.owner, job.rows_done):
        return None
    if job.dry_run or not checked.received:
        counts, errors = _dry_counts(checked), checked.errors
    else:
        request = BatchRequest(b"", job.mode, job.actor, job.address, None)
        report, errors = await telemetry.store_batch(session, profile, request, checked)
        counts = {"batch_id": report.batch_id, "rejected": report.rejected}
    behind = job.behind(checked, counts["rejected"], errors.counts)
    start = job.rows_done + job.blank_rows
    rejected = [error for error in errors.kept if error.code not in DUPLICATE_CODES]
    rows = ((job.number, start + error.row, error.field, error.code, error.message) for error in rejected)
    await repository.add_rejects(session, sorted(rows)[: MAX_KEPT - job.rejects_kept])
    values = {
        "number": job.number,
        "lease_s": lease_s,
        "blank": checked.blank,
        "ignored": list(checked.ignored_columns),
    }
    positions = {"bytes_done": checked.bytes_done, "rows_total": checked.rows_total}
    findings = orjson.dumps([asdict(one) for one in behind.findings]).decode()
    await repository.advance(session, values | positions | counts | {"findings": findings})
    return behind


def _dry_counts(checked: CheckedRows) -> dict[str, Any]:
    """What a batch would count, without the readings that are stored already."""
    repeated, times_s = checked.errors.counts["duplicate_in_batch"], checked.valid.readings.timestamps_s
    return {
        "received": checked.received,
        "accepted": len(checked.valid),
        "duplicates": repeated,
        "rejected": checked.received - len(checked.valid) - repeated,
        "first_s": int(times_s.min()) if len(times_s) else None,
        "last_s": int(times_s.max()) if len(times_s) else None,
        "codes": orjson.dumps(checked.errors.counts).decode(),
    }


async def finish(session: Session, job: Job, status: Status, error: PacewatchError | None = None) -> None:
    """End an upload, if its lease is not lost; `error` is why it failed."""
    result = {"error_code": error.code if error else None, "error": error.message if error else None}
    own = {"number": job.number, "owner": job.owner}
    await repository.finish(session, {**result, **own, "status": status.value, "now": clock.now()})
