"""HTTP schemas of outcomes; the report on sent outcomes is in contracts."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.http.times import StoredTime
from pacewatch.contracts.outcomes import OutcomeKind, OutcomeReport
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.replies import Refusal
from pacewatch.kit.tables.device_names import DEVICE


class RefusedOutcomes(Refusal, OutcomeReport):
    """The report of outcomes of which none is valid, as problem details."""


@cache
def recorded_outcome_model(profile: Profile) -> type[BaseModel]:
    """One recorded outcome of `profile`, and its place among its corrections."""
    fields: dict[str, Any] = {
        "outcome_id": (UUID, ...),
        profile.device_field: (int, ...),
        "device": DEVICE,
        "kind": (OutcomeKind, ...),
        "mode": (str, ...),
        "occurred_at": (StoredTime, ...),
        "learnt_at": (StoredTime, ...),
        "recorded_at": (datetime, ...),
        "actor": (str, ...),
        "withdrawn": (Annotated[bool, Field(description="there was no such outcome")], ...),
        "corrects": (Annotated[UUID | None, Field(description="the outcome that this one replaces")], ...),
        "reason": (Annotated[str, Field(description="why the replaced outcome was wrong")], ...),
        "superseded_at": (Annotated[datetime | None, Field(description="when this outcome was corrected")], ...),
        "superseded_by": (UUID | None, ...),
    }
    return create_model(f"Recorded{profile.name.capitalize()}Outcome", **fields)


@cache
def outcome_history_model(profile: Profile) -> type[BaseModel]:
    """One outcome of `profile` from its report to its last correction."""
    rows: Any = Sequence[recorded_outcome_model(profile)]  # type: ignore[misc]
    fields: dict[str, Any] = {"history": (rows, Field(description="oldest first; the last one is valid"))}
    return create_model(f"{profile.name.capitalize()}OutcomeHistory", **fields)
