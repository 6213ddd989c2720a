"""Finds the valid outcomes of a request: each is checked by its model, because outcomes are few, and by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from pacewatch.contracts.outcomes import OutcomeError, OutcomeKind, OutcomeRecorded, outcome_model
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.tables.of_profile import outcome_columns
from pacewatch.ingest import row_models
from pacewatch.ingest.row_models import validated
from pacewatch.kit.tables.json_rows import typed_objects
from pacewatch.kit.tables.values.faults import Fault

_MESSAGES: Final = row_models.MESSAGES | {
    "unknown_field": "is not a field of an outcome",
    "unknown_kind": f"must be one of {', '.join(OutcomeKind)}",
    "too_long": "must have at most 2000 characters",
    "learnt_before_occurred": "is before occurred_at",
    "device_not_allowed": "is not a device that this key is bound to",
    "corrected_since": "was reported and corrected before; the correction stays",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One valid outcome."""

    id: UUID
    device_id: Any  # a number; a name until it has one
    kind: OutcomeKind
    mode: str
    occurred_at_s: int
    learnt_at_s: int

    def event(self, **correction: Any) -> OutcomeRecorded:
        """The event for this outcome; `correction` has `corrects`, `withdrawn` and `reason`."""
        return OutcomeRecorded(
            outcome_id=self.id,
            device_id=self.device_id,
            kind=self.kind,
            mode=self.mode,
            occurred_at=datetime.fromtimestamp(self.occurred_at_s, UTC),
            learnt_at=datetime.fromtimestamp(self.learnt_at_s, UTC),
            **correction,
        )


def check(
    rows: Sequence[Any], profile: Profile, now_s: int, tolerance_s: int
) -> tuple[list[tuple[int, Outcome]], list[OutcomeError]]:
    """The valid outcomes of a request with their positions in it, and the errors of the others."""
    model = outcome_model(profile)
    valid: list[tuple[int, Outcome]] = []
    errors: list[OutcomeError] = []
    for number, row in enumerate(typed_objects(rows, outcome_columns(profile))):
        values, violations = validated(model, row)
        if values is not None:
            outcome = outcome_of(values, profile, now_s)
            violations = time_violations(outcome, now_s + tolerance_s)
            if not violations:
                valid.append((number, outcome))
        errors += [outcome_error(number, field, code) for field, code in violations]
    return valid, errors


def split_outcomes(
    valid: Sequence[tuple[int, Outcome]], is_own: Sequence[bool], profile: Profile
) -> tuple[list[tuple[int, Outcome]], list[OutcomeError]]:
    """The outcomes that are the sender's, and the errors of the others."""
    own = [pair for pair, is_one in zip(valid, is_own, strict=True) if is_one]
    foreign = [row for (row, _), is_one in zip(valid, is_own, strict=True) if not is_one]
    return own, [outcome_error(row, profile.device_field, "device_not_allowed") for row in foreign]


def outcome_error(row: int, field: str, what: str | Fault) -> OutcomeError:
    """The error for the outcome at position `row`."""
    code, message = row_models.error_words(what, _MESSAGES)
    return OutcomeError(row=row, field=field, code=code, message=message)


def outcome_of(values: dict[str, Any], profile: Profile, now_s: int) -> Outcome:
    """The outcome that valid `values` describe; learnt now if they have no `learnt_at`."""
    occurred_at_s, learnt_at_s = values["occurred_at"], values["learnt_at"]
    if learnt_at_s is None:
        learnt_at_s = max(now_s, occurred_at_s)
    return Outcome(uuid4(), values[profile.device_field], values["kind"], values["mode"], occurred_at_s, learnt_at_s)


def time_violations(outcome: Outcome, latest_s: int) -> list[row_models.Wrong]:
    """The first field with an impossible time, and its error code."""
    for field, value_s in (("occurred_at", outcome.occurred_at_s), ("learnt_at", outcome.learnt_at_s)):
        if value_s > latest_s:
            return [(field, "timestamp_in_future")]
    return [("learnt_at", "learnt_before_occurred")] if outcome.learnt_at_s < outcome.occurred_at_s else []
