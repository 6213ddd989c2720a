"""Queries on uploads and their rejects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.base import Paging
from pacewatch.ingest import audit
from pacewatch.ingest.audit import AuditFilter
from pacewatch.kit.db import Session, driver, has_come

CHANNEL: Final = "ingest_uploads"
_MAX_ATTEMPTS: Final = 10

_INSERT = sa.text("""
    INSERT INTO ingest.uploads (id, format, mode, received_at, actor, address, correlation_id, bytes_total,
        delimiter, decimal_sign, time_format, dry_run)
    VALUES (:id, :format, :mode, :received_at, :actor, :address, :correlation_id, :bytes_total,
        :delimiter, :decimal, :time_format, :dry_run)
""")
_RECORD = """
    id AS upload_id, format, mode, status, received_at, finished_at, actor, address, correlation_id, bytes_total,
    bytes_done, rows_total, rows_done, accepted, duplicates, rejected, late, codes, first_s AS first_reading_at,
    last_s AS last_reading_at, ignored_columns, dry_run, blank_rows, findings, error_code, error
"""
_CLAIM = """
    UPDATE ingest.uploads SET status = 'running', lease_owner = :owner, attempts = attempts + 1,
        lease_until = clock_timestamp() + make_interval(secs => :lease_s)
    WHERE number = (
        SELECT number FROM ingest.uploads
        WHERE (status = 'queued' OR (status = 'running' AND (lease_until IS NULL OR {has_come})))
            AND actor <> ALL(CAST(:waiting AS text[]))
        ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING number, id, format, mode, actor, address, correlation_id, rows_done, bytes_done, attempts,
        rejected, codes, delimiter, decimal_sign, time_format, dry_run, blank_rows, findings
"""
_LOCK_AT = sa.text("""
    SELECT number FROM ingest.uploads
    WHERE number = :number AND lease_owner = :owner AND status = 'running' AND rows_done = :rows_done FOR UPDATE
""")
_ADVANCE = """
    UPDATE ingest.uploads AS upload
    SET rows_done = rows_done + batch.received, bytes_done = :bytes_done, rows_total = :rows_total,
        accepted = upload.accepted + batch.accepted, duplicates = upload.duplicates + batch.duplicates,
        rejected = upload.rejected + batch.rejected, late = upload.late + batch.late,
        first_s = least(upload.first_s, batch.first_s), last_s = greatest(upload.last_s, batch.last_s),
        codes = (
            SELECT coalesce(jsonb_object_agg(code, count), jsonb_build_object()) FROM (
                SELECT key AS code, sum(value::bigint) AS count FROM (
                    SELECT * FROM jsonb_each_text(upload.codes) UNION ALL SELECT * FROM jsonb_each_text(batch.codes)
                ) AS counted GROUP BY key
            ) AS summed
        ),
        ignored_columns = ARRAY(SELECT DISTINCT unnest(ignored_columns || CAST(:ignored AS text[])) ORDER BY 1),
        blank_rows = upload.blank_rows + :blank, findings = CAST(:findings AS jsonb),
        attempts = 0, lease_until = clock_timestamp() + make_interval(secs => :lease_s)
    FROM {batch} AS batch
    WHERE upload.number = :number
"""
_ADVANCE_STORED = sa.text(_ADVANCE.format(batch="(SELECT * FROM ingest.batches WHERE id = :batch_id)"))
_ADVANCE_DRY = sa.text(
    _ADVANCE.format(
        batch="""(
    SELECT CAST(:received AS bigint) AS received, CAST(:accepted AS bigint) AS accepted,
        CAST(:duplicates AS bigint) AS duplicates, CAST(:rejected AS bigint) AS rejected, 0 AS late,
        CAST(:first_s AS bigint) AS first_s, CAST(:last_s AS bigint) AS last_s, CAST(:codes AS jsonb) AS codes
)"""
    )
)
_FINISH = sa.text("""
    UPDATE ingest.uploads SET status = :status, error_code = :error_code, error = :error, finished_at = :now,
        rows_total = coalesce(rows_total, CASE WHEN :status = 'done' THEN rows_done END),
        bytes_done = CASE WHEN :status = 'done' THEN bytes_total ELSE bytes_done END
    WHERE number = :number AND lease_owner = :owner AND status = 'running'
""")
_RELEASE = sa.text("""
    UPDATE ingest.uploads SET status = 'queued', lease_until = NULL,
        attempts = CASE WHEN :counts THEN attempts ELSE attempts - 1 END
    WHERE number = :number AND lease_owner = :owner AND status = 'running'
""")
_CANCEL = sa.text("""
    UPDATE ingest.uploads SET status = 'cancelled', finished_at = :now
    WHERE id = :id AND status IN ('queued', 'running')
""")


async def insert(session: Session, upload: Mapping[str, Any]) -> None:
    """Queue an upload, and wake a worker when the transaction commits."""
    await session.execute(_INSERT, dict(upload))
    await session.execute(sa.text(f"NOTIFY {CHANNEL}"))


async def claim(session: Session, owner: UUID, lease_s: float, waiting: Sequence[str]) -> sa.RowMapping | None:
    """Lease the oldest unfinished upload without a worker to `owner`, for `lease_s` wall seconds.

    Uploads of the senders in `waiting` are left.
    """
    query = sa.text(_CLAIM.format(has_come=has_come("lease_until", lease_s)))
    return (
        (await session.execute(query, {"owner": owner, "lease_s": lease_s, "waiting": list(waiting)}))
        .mappings()
        .first()
    )


def has_too_many_attempts(job: sa.RowMapping) -> bool:
    """Whether so many attempts stored no chunk that the upload should fail."""
    return bool(job["attempts"] > _MAX_ATTEMPTS)


async def lock_at(session: Session, number: int, owner: UUID, rows_done: int) -> bool:
    """Lock the upload until the end of the transaction; False if `owner` lost the lease or its cursor moved."""
    found = await session.scalar(_LOCK_AT, {"number": number, "owner": owner, "rows_done": rows_done})
    return found is not None


async def advance(session: Session, values: Mapping[str, Any]) -> None:
    """Move the cursor behind a chunk, extend the lease, and add the counts of the chunk's batch, or of a dry run."""
    await session.execute(_ADVANCE_STORED if "batch_id" in values else _ADVANCE_DRY, dict(values))


async def finish(session: Session, values: Mapping[str, Any]) -> None:
    """End the upload, if the owner still has the lease."""
    await session.execute(_FINISH, dict(values))


async def release(session: Session, number: int, owner: UUID, *, counts: bool) -> None:
    """Give the lease back, so that another worker continues at once; whether the attempt counts."""
    await session.execute(_RELEASE, {"number": number, "owner": owner, "counts": counts})
    await session.execute(sa.text(f"NOTIFY {CHANNEL}"))


async def cancel(session: Session, upload_id: UUID, now: object) -> None:
    """Cancel the upload unless it has ended; waits until the current chunk is stored."""
    await session.execute(_CANCEL, {"id": upload_id, "now": now})


async def page(session: Session, filters: AuditFilter, paging: Paging) -> tuple[Sequence[sa.RowMapping], int]:
    """One page of uploads, newest first, and how many there are."""
    return await audit.page(session, "ingest.uploads", _RECORD, filters, paging)


async def one(session: Session, upload_id: UUID) -> sa.RowMapping | None:
    """One upload, with its number."""
    query = sa.text(f"SELECT number, {_RECORD} FROM ingest.uploads WHERE id = :id")  # noqa: S608
    return (await session.execute(query, {"id": upload_id})).mappings().first()


async def count_unfinished(session: Session, sender: str) -> int:
    """How many uploads of `sender` have not ended."""
    query = "SELECT count(*) FROM ingest.uploads WHERE status IN ('queued', 'running') AND actor = :sender"
    return int(await session.scalar(sa.text(query), {"sender": sender}) or 0)


async def unfinished(session: Session, ids: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Which of `ids` are unfinished uploads, and which are uploads at all."""
    query = sa.text("SELECT id, status IN ('queued', 'running') AS open FROM ingest.uploads WHERE id = ANY(:ids)")
    rows = (await session.execute(query, {"ids": list(ids)})).all()
    return {row.id for row in rows if row.open}, {row.id for row in rows}


async def add_rejects(session: Session, rejects: Iterable[tuple[int, int, str, str, str]]) -> None:
    """Store rejects: upload number, row in the file, field, code, message."""
    connection = await driver(session)
    columns = ("upload_number", "row", "field", "code", "message")
    await connection.copy_records_to_table("upload_rejects", schema_name="ingest", columns=columns, records=rejects)


async def rejects(session: Session, number: int, after: int, limit: int) -> Sequence[sa.Row[Any]]:
    """The next rejects of an upload after a place, in the order of the file."""
    query = sa.text("""
        SELECT place, row, field, code, message FROM ingest.upload_rejects
        WHERE upload_number = :number AND place > :after ORDER BY place LIMIT :limit
    """)
    return (await session.execute(query, {"number": number, "after": after, "limit": limit})).all()
