"""Reads the audit of batches and the totals of stored readings."""

from uuid import UUID

from pacewatch.contracts.base import Paging
from pacewatch.ingest.audit import AuditFilter
from pacewatch.ingest.errors import BatchNotFound
from pacewatch.ingest.telemetry import repository
from pacewatch.ingest.telemetry.schemas import BatchRecord, TelemetrySummary
from pacewatch.kit import clock
from pacewatch.kit.db import Session


async def batches(session: Session, filters: AuditFilter, paging: Paging) -> tuple[list[BatchRecord], int]:
    """One page of the audit, newest first, and how many batches there are."""
    rows, total = await repository.batches(session, filters, paging)
    return [BatchRecord.model_validate(dict(row)) for row in rows], total


async def batch(session: Session, batch_id: UUID) -> BatchRecord:
    """The audit of one batch; BatchNotFound."""
    row = await repository.batch(session, batch_id)
    if row is None:
        raise BatchNotFound()
    return BatchRecord.model_validate(dict(row))


async def summary(session: Session) -> TelemetrySummary:
    """Totals of stored readings; `rows_today` counts the current day of fleet time."""
    now = clock.now()
    return TelemetrySummary.model_validate({**await repository.summary(session, now.date()), "as_of": now})
