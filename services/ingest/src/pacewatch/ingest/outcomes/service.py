"""Records outcomes and their corrections, from which labels are derived, and emits an event for each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from pacewatch.contracts.base import FieldError
from pacewatch.contracts.outcomes import MAX_OUTCOMES_PER_REQUEST, Correction, OutcomeKind, OutcomeReport
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.tables.patterns import label_pattern
from pacewatch.ingest import device_names
from pacewatch.ingest.errors import OutcomeInvalid, OutcomeKnown, OutcomeNotFound, OutcomeSuperseded, OutcomeWithdrawn
from pacewatch.ingest.outcomes import repository
from pacewatch.ingest.outcomes.checking import (
    Outcome,
    check,
    outcome_error,
    outcome_of,
    split_outcomes,
    time_violations,
)
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit, emit_all

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """The fleet's profile, and how far ahead of the clock a time may be, seconds."""

    profile: Profile
    tolerance_s: int


async def record(
    session: Session, rules: RecordingRules, body: bytes, actor: str, key: BoundKey | None = None
) -> OutcomeReport:
    """Record outcomes that are valid and new; Unprocessable if the body is not an array. Duplicates are no error.

    Outcomes of devices that are not of the sender's `key` are rejected.
    """
    rows = json_array(body, MAX_OUTCOMES_PER_REQUEST)
    named, errors = check(rows, rules.profile, int(clock.now_s()), rules.tolerance_s)
    ids = await device_names.numbers_of(session, [one.device_id for _, one in named], register=key is None)
    valid = [(row, replace(one, device_id=device_id)) for (row, one), device_id in zip(named, ids, strict=True)]
    if key is not None:
        keys = np.array([(one.device_id, one.occurred_at_s) for _, one in valid], dtype=np.int64).reshape(-1, 2)
        is_own = (await key.owns(session, keys[:, 0], keys[:, 1])).tolist()
        valid, foreign = split_outcomes(valid, is_own, rules.profile)
        errors += foreign
    columns = [[getattr(one, name) for _, one in valid] for name in Outcome.__slots__]
    await repository.lock(session)
    stored = await repository.insert(session, columns, clock.now(), actor, logs.correlation_id())
    await emit_all(session, [one.event() for _, one in valid if one.id in stored])
    duplicates = [(row, one) for row, one in valid if one.id not in stored]
    for place in await repository.corrected_since(session, [one for _, one in duplicates]):
        errors.append(outcome_error(duplicates[place][0], "", "corrected_since"))
    report = OutcomeReport(
        received=len(rows),
        recorded=len(stored),
        duplicates=len(duplicates),
        rejected=len(rows) - len(valid),
        errors=sorted(errors, key=lambda error: error.row),
        warnings=_warnings([one for _, one in named], rules.profile),
    )
    log.info("outcomes_recorded", recorded=report.recorded, duplicates=report.duplicates, rejected=report.rejected)
    return report


def _warnings(outcomes: Sequence[Outcome], profile: Profile) -> list[str]:
    failures = [(one.device_id, one.occurred_at_s) for one in outcomes if one.kind is OutcomeKind.FAILURE]
    pattern = label_pattern(failures, profile.cadence_s)
    return [pattern] if pattern else []


async def correct(
    session: Session, rules: RecordingRules, outcome_id: UUID, correction: Correction, actor: str
) -> dict[str, Any]:
    """Replace an outcome, which stays on record, by the right one; returns the new row.

    OutcomeNotFound; OutcomeSuperseded, OutcomeWithdrawn or OutcomeKnown if there is nothing to correct; OutcomeInvalid
    if the right outcome is not valid. The next update of labels applies it.
    """
    named = None if correction.withdrawn else _right(rules, correction)
    ids = await device_names.numbers_of(session, [named.device_id] if named else [])
    await repository.lock(session, exclusive=True)
    wrong = await _correctable(session, outcome_id, correction)
    right = replace(named, device_id=ids[0]) if named else _withdrawal(wrong)
    if not correction.withdrawn and await repository.exists_valid(session, right, outcome_id):
        raise OutcomeKnown()
    change = {"withdrawn": correction.withdrawn, "reason": correction.reason}
    who = {"now": clock.now(), "actor": actor, "correlation_id": logs.correlation_id()}
    await repository.correct(session, outcome_id, right, **change, **who)
    await emit(session, right.event(corrects=outcome_id, **change))
    log.info("outcome_corrected", outcome_id=str(outcome_id), by=str(right.id), withdrawn=correction.withdrawn)
    return (await history(session, right.id))[-1]


async def history(session: Session, outcome_id: UUID) -> list[dict[str, Any]]:
    """The outcome, those it corrects and those that correct it, oldest first; OutcomeNotFound."""
    rows = await repository.history(session, outcome_id)
    if not rows:
        raise OutcomeNotFound()
    return [dict(row) for row in rows]


async def _correctable(session: Session, outcome_id: UUID, correction: Correction) -> dict[str, Any]:
    rows = await history(session, outcome_id)
    last = rows[-1]
    if last["outcome_id"] != outcome_id:
        raise OutcomeSuperseded(f"corrected already; correct {last['outcome_id']}, which replaced it")
    if last["withdrawn"] and correction.withdrawn:
        raise OutcomeWithdrawn()
    return last


def _withdrawal(wrong: dict[str, Any]) -> Outcome:
    """An outcome with the values of the withdrawn one."""
    kind, times = OutcomeKind(wrong["kind"]), (wrong["occurred_at"], wrong["learnt_at"])
    return Outcome(uuid4(), wrong["device_id"], kind, wrong["mode"], *times)


def _right(rules: RecordingRules, correction: Correction) -> Outcome:
    now_s = int(clock.now_s())
    right = outcome_of(correction.outcome.model_dump(), rules.profile, now_s)
    violations = time_violations(right, now_s + rules.tolerance_s)
    if violations:
        errors = [outcome_error(0, field, code) for field, code in violations]
        raise OutcomeInvalid(
            errors=[FieldError(field=f"outcome.{one.field}", code=one.code, message=one.message) for one in errors]
        )
    return right
