"""Ingests a batch: checks its rows, stores each valid row once, emits events, and reports the result of each row."""

import numpy as np

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import IngestReport
from pacewatch.ingest import device_names
from pacewatch.ingest.errors import IdempotencyKeyReused
from pacewatch.ingest.replies import Reply, reply
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.ingest.telemetry import repository
from pacewatch.ingest.telemetry.batches import Batch, BatchRequest
from pacewatch.ingest.telemetry.checking import CheckedRows, FoundError, RowErrors, ValidRows, only_own
from pacewatch.ingest.telemetry.repository import Duplicate
from pacewatch.ingest.telemetry.rules import rules_of
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit_by_id


async def ingest(
    session: Session, profile: Profile, request: BatchRequest, rows: CheckedRows, key: BoundKey | None = None
) -> Reply:
    """Store the rows that are valid, new, and of devices of the sender's `key`; IdempotencyKeyReused."""
    batch, sent = Batch.receive(profile, request, rows.received), rows
    rows = await _own_rows(session, profile, sent, key)
    answer = await _ingest_all_new(session, batch, rows)
    if answer is not None:
        return answer
    await session.rollback()
    if sent.names:  # new names were rolled back as well
        rows = await _own_rows(session, profile, sent, key)
    number = await repository.open_batch(session, batch.opening())
    if number is None:
        return await _first_reply(session, request)
    accepted, duplicates = await _store_and_emit(session, batch, number, rows.valid)
    errors = rows.errors.with_duplicates(duplicates)
    report = batch.report(accepted, errors, rows.ignored_columns)
    answer = reply(report)
    await repository.close_batch(session, number, batch.closing(accepted, report, errors, answer))
    batch.log(report)
    return answer


async def _own_rows(session: Session, profile: Profile, rows: CheckedRows, key: BoundKey | None) -> CheckedRows:
    """The rows with ids for names, and an error for each that is of another device than those of the sender's key."""
    keys = rows.valid.readings
    ids = await device_names.resolved(session, keys.device_ids, rows.names, register=key is None)
    rows = rows.with_devices(ids)
    if key is None:
        return rows
    keys = rows.valid.readings
    return only_own(rows, await key.owns(session, keys.device_ids, keys.timestamps_s), rules_of(profile))


async def store_batch(
    session: Session, profile: Profile, request: BatchRequest, rows: CheckedRows
) -> tuple[IngestReport, RowErrors]:
    """Store part of an upload as a batch of its own; its report, and the errors of its rows."""
    batch = Batch.receive(profile, request, rows.received)
    rows = await _own_rows(session, profile, rows, None)
    number = await repository.open_batch(session, batch.opening())
    assert number is not None  # noqa: S101 - only a taken Idempotency-Key prevents it, and there is none
    accepted, duplicates = await _store_and_emit(session, batch, number, rows.valid)
    errors = rows.errors.with_duplicates(duplicates)
    report = batch.report(accepted, errors, ())
    await repository.close_batch(session, number, batch.closing(accepted, report, errors, None))
    batch.log(report)
    return report, errors


async def _ingest_all_new(session: Session, batch: Batch, rows: CheckedRows) -> Reply | None:
    """The fast path, which nearly every batch takes: all keys are new. None if a key is stored or no row is valid.

    The result of each row is then known beforehand, so one statement stores the rows and the complete audit row.
    """
    valid = rows.valid
    if not len(valid):
        return None
    report = batch.report(valid, rows.errors, rows.ignored_columns)
    answer = reply(report)
    audit_row = {**batch.opening(), **batch.closing(valid, report, rows.errors, answer)}
    if not await repository.store_new(session, batch.profile, audit_row, valid.readings):
        return None
    await emit_by_id(session, batch.events(valid))
    batch.log(report)
    return answer


async def _store_and_emit(
    session: Session, batch: Batch, number: int, valid: ValidRows
) -> tuple[ValidRows, list[FoundError]]:
    """Store valid rows as batch `number` and emit the new ones; returns these, and an error for each duplicate."""
    duplicates = await repository.store(session, batch.profile, number, valid.readings)
    is_new = np.ones(len(valid), dtype=np.bool_)
    is_new[[duplicate.place for duplicate in duplicates]] = False
    accepted = valid.where(is_new)
    await emit_by_id(session, batch.events(accepted))
    return accepted, [_duplicate_error(valid, duplicate) for duplicate in duplicates]


def _duplicate_error(valid: ValidRows, duplicate: Duplicate) -> FoundError:
    code, message = "duplicate", "is stored already, with the same values"
    if not duplicate.has_same_values:
        code, message = "conflict", "is stored already, with other values, which stay"
    return FoundError(int(valid.places[duplicate.place]), "timestamp", code, message)


async def _first_reply(session: Session, request: BatchRequest) -> Reply:
    """The stored reply to the first request under the same key; IdempotencyKeyReused if that was another request."""
    assert request.idempotency_key is not None  # noqa: S101 - only an Idempotency-Key can be taken
    first = await repository.first_reply(session, request.actor, request.idempotency_key)
    if first.request_hash != request.request_hash():
        raise IdempotencyKeyReused()
    return Reply(first.reply_status, first.reply, repeated=True)
