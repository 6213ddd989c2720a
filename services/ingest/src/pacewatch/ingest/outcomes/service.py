"""Takes outcomes and their corrections in: labels come from these and from nothing else, so each is kept and told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from pacewatch.contracts.base import FieldError
from pacewatch.contracts.outcomes import MAX_OUTCOMES_PER_REQUEST, Correction, OutcomeKind, OutcomeReport
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.errors import OutcomeInvalid, OutcomeKnown, OutcomeNotFound, OutcomeSuperseded, OutcomeWithdrawn
from pacewatch.ingest.outcomes import repository
from pacewatch.ingest.outcomes.checking import Outcome, check, outcome_of, time_complaints, told
from pacewatch.ingest.parsing import json_array
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit, emit_all

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Book:
    """What recording goes by: the fleet's profile, and how far ahead of the clock a time may be, seconds."""

    profile: Profile
    tolerance_s: int


async def record(session: Session, book: Book, body: bytes, actor: str) -> OutcomeReport:
    """Record what is good and new; Unprocessable if the body is no batch. A known outcome once more is no error."""
    rows = json_array(body, MAX_OUTCOMES_PER_REQUEST)
    good, errors = check(rows, book.profile, int(clock.now_s()), book.tolerance_s)
    columns = [[getattr(one, name) for _, one in good] for name in Outcome.__slots__]
    await repository.lock(session)
    stored = await repository.insert(session, columns, clock.now(), actor, logs.correlation_id())
    await emit_all(session, [one.event() for _, one in good if one.id in stored])
    known = [(row, one) for row, one in good if one.id not in stored]
    for place in await repository.corrected_since(session, [one for _, one in known]):
        errors.append(told(known[place][0], "", "corrected_since"))
    report = OutcomeReport(
        received=len(rows),
        recorded=len(stored),
        duplicates=len(known),
        rejected=len(rows) - len(good),
        errors=sorted(errors, key=lambda error: error.row),
    )
    log.info("outcomes_recorded", recorded=report.recorded, duplicates=report.duplicates, rejected=report.rejected)
    return report


async def correct(session: Session, book: Book, outcome_id: UUID, correction: Correction, actor: str) -> dict[str, Any]:
    """Put what is right in the place of an outcome, which stays on record; the new row.

    OutcomeNotFound; OutcomeSuperseded, OutcomeWithdrawn or OutcomeKnown if there is nothing to correct; OutcomeInvalid
    if what is said to be right cannot be. The ledger is judged by it from its next judgement on.
    """
    await repository.lock(session, alone=True)
    wrong = await _correctable(session, outcome_id, correction)
    right = _withdrawal(wrong) if correction.withdrawn else _right(book, correction)
    if not correction.withdrawn and await repository.says_the_same(session, right, outcome_id):
        raise OutcomeKnown()
    why = {"withdrawn": correction.withdrawn, "reason": correction.reason}
    who = {"now": clock.now(), "actor": actor, "correlation_id": logs.correlation_id()}
    await repository.correct(session, outcome_id, right, **why, **who)
    await emit(session, right.event(corrects=outcome_id, **why))
    log.info("outcome_corrected", outcome_id=str(outcome_id), by=str(right.id), withdrawn=correction.withdrawn)
    return (await history(session, right.id))[-1]


async def history(session: Session, outcome_id: UUID) -> list[dict[str, Any]]:
    """The outcome, what it corrects and what corrects it, oldest first; OutcomeNotFound."""
    rows = await repository.history(session, outcome_id)
    if not rows:
        raise OutcomeNotFound()
    return [dict(row) for row in rows]


async def _correctable(session: Session, outcome_id: UUID, correction: Correction) -> dict[str, Any]:
    rows = await history(session, outcome_id)
    last = rows[-1]
    if last["outcome_id"] != outcome_id:
        raise OutcomeSuperseded(f"corrected already; correct {last['outcome_id']}, which stands in its place")
    if last["withdrawn"] and correction.withdrawn:
        raise OutcomeWithdrawn()
    return last


def _withdrawal(wrong: dict[str, Any]) -> Outcome:
    """Says of what is withdrawn all that was said."""
    kind, times = OutcomeKind(wrong["kind"]), (wrong["occurred_at"], wrong["learnt_at"])
    return Outcome(uuid4(), wrong["device_id"], kind, wrong["mode"], *times)


def _right(book: Book, correction: Correction) -> Outcome:
    now_s = int(clock.now_s())
    right = outcome_of(correction.outcome.model_dump(), book.profile, now_s)
    complaints = time_complaints(right, now_s + book.tolerance_s)
    if complaints:
        errors = [told(0, field, code) for field, code in complaints]
        raise OutcomeInvalid(
            errors=[FieldError(field=f"outcome.{one.field}", code=one.code, message=one.message) for one in errors]
        )
    return right
