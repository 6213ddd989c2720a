"""Takes outcomes in: labels come from these and from nothing else, so each is checked, kept and told by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from pacewatch.contracts.outcomes import (
    MAX_OUTCOMES_PER_REQUEST,
    OutcomeError,
    OutcomeKind,
    OutcomeRecorded,
    OutcomeReport,
    outcome_model,
)
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.outcomes import repository
from pacewatch.ingest.parsing import REPEATED_FIELD, json_array
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.outbox import emit

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "enum": "unknown_kind",
}
_MAX_NAME = 60
_MAX_ERRORS_A_ROW = 8

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome worth recording."""

    id: UUID
    device_id: int
    kind: OutcomeKind
    mode: str
    occurred_at_s: int
    learnt_at_s: int

    def event(self) -> OutcomeRecorded:
        """The fact, for the platform."""
        return OutcomeRecorded(
            outcome_id=self.id,
            device_id=self.device_id,
            kind=self.kind,
            mode=self.mode,
            occurred_at=datetime.fromtimestamp(self.occurred_at_s, UTC),
            learnt_at=datetime.fromtimestamp(self.learnt_at_s, UTC),
        )


async def record(session: Session, profile: Profile, clock_tolerance_s: int, body: bytes, actor: str) -> OutcomeReport:
    """Record what is good and new; Unprocessable if the body is no batch. A known outcome once more is no error."""
    rows = json_array(body, MAX_OUTCOMES_PER_REQUEST)
    good, errors = _check(rows, profile, clock_tolerance_s)
    columns = [[getattr(one, name) for one in good] for name in Outcome.__slots__]
    stored = await repository.insert(session, columns, clock.now(), actor, logs.correlation_id())
    for one in good:
        if one.id in stored:
            await emit(session, one.event())
    report = OutcomeReport(
        received=len(rows),
        recorded=len(stored),
        duplicates=len(good) - len(stored),
        rejected=len(rows) - len(good),
        errors=errors,
    )
    log.info("outcomes_recorded", recorded=report.recorded, duplicates=report.duplicates, rejected=report.rejected)
    return report


def _check(rows: Sequence[Any], profile: Profile, tolerance_s: int) -> tuple[list[Outcome], list[OutcomeError]]:
    model, now_s = outcome_model(profile), int(clock.now_s())
    good: list[Outcome] = []
    errors: list[OutcomeError] = []
    for number, row in enumerate(rows):
        if row is REPEATED_FIELD:
            errors.append(
                OutcomeError(row=number, field="", code="repeated_field", message="a field comes more than once")
            )
            continue
        try:
            values = model.model_validate(row).model_dump()
        except ValidationError as error:
            errors += _complaints(number, error)
            continue
        outcome = _outcome(values, profile, now_s)
        problem = _time_problem(number, outcome, now_s + tolerance_s)
        if problem:
            errors.append(problem)
        else:
            good.append(outcome)
    return good, errors


def _outcome(values: dict[str, Any], profile: Profile, now_s: int) -> Outcome:
    occurred_at_s, learnt_at_s = values["occurred_at"], values["learnt_at"]
    if learnt_at_s is None:
        learnt_at_s = max(now_s, occurred_at_s)
    return Outcome(uuid4(), values[profile.device_field], values["kind"], values["mode"], occurred_at_s, learnt_at_s)


def _time_problem(row: int, outcome: Outcome, latest_s: int) -> OutcomeError | None:
    for field, value_s in (("occurred_at", outcome.occurred_at_s), ("learnt_at", outcome.learnt_at_s)):
        if value_s > latest_s:
            message = "is ahead of the server's clock; report it when it has happened"
            return OutcomeError(row=row, field=field, code="timestamp_in_future", message=message)
    if outcome.learnt_at_s < outcome.occurred_at_s:
        message = "is before occurred_at: nothing is learnt before it happens"
        return OutcomeError(row=row, field="learnt_at", code="learnt_before_occurred", message=message)
    return None


def _complaints(row: int, error: ValidationError) -> list[OutcomeError]:
    """In our own codes, which stay when a library changes its words; the input is never echoed."""
    found = error.errors(include_input=False, include_url=False, include_context=False)[:_MAX_ERRORS_A_ROW]
    return [
        OutcomeError(
            row=row,
            field=".".join(str(part) for part in one["loc"])[:_MAX_NAME],
            code=_code(one["type"]),
            message=one["msg"][:200],
        )
        for one in found
    ]


def _code(kind: str) -> str:
    if kind in _CODES:
        return _CODES[kind]
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "not_an_object"
    if kind.endswith("_type"):
        return "wrong_type"
    return "out_of_range" if kind.endswith("_equal") else "not_allowed"
