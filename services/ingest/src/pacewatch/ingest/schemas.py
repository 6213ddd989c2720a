"""HTTP shapes of this service alone; the reports of what was sent are in contracts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.connectivity import LinkCounts, LinkState
from pacewatch.contracts.labels import LabelCounts, LabelState
from pacewatch.contracts.outcomes import OutcomeKind, OutcomeReport
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import IngestReport, Mode


class Refusal(BaseModel):
    """The members of problem details that come with a report."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str


class RefusedReport(Refusal, IngestReport):
    """The report of a batch without a single valid row, as problem details."""


class RefusedOutcomes(Refusal, OutcomeReport):
    """The report of outcomes of which none is valid, as problem details."""


class BatchRecord(BaseModel):
    """The audit of one batch: who sent it, when, from where, and what became of it."""

    batch_id: UUID
    mode: Mode
    received_at: datetime
    actor: str
    address: str
    correlation_id: str
    received: int
    accepted: int
    duplicates: int
    rejected: int
    late: Annotated[int, Field(description="live rows among the accepted that came so long after they were measured")]
    removed: Annotated[int, Field(description="accepted rows that retention has taken away since")]
    codes: Annotated[Mapping[str, int], Field(description="how often each error code was told")]
    first_timestamp: Annotated[int | None, Field(description="oldest accepted reading, Unix seconds")]
    last_timestamp: Annotated[int | None, Field(description="newest accepted reading, Unix seconds")]
    idempotency_key: str | None


class TelemetrySummary(BaseModel):
    """How much telemetry is stored."""

    rows: int
    devices: int
    batches: int
    first_timestamp: int | None
    last_timestamp: int | None
    last_received_at: datetime | None
    rows_today: Annotated[int, Field(description="accepted since midnight UTC of fleet time")]
    as_of: datetime


class LabelSummary(BaseModel):
    """The label ledger; `as_of` is when it was last judged, None if never."""

    as_of: datetime | None
    counts: LabelCounts


class LabelsMoved(LabelSummary):
    """What one judgement moved: `moves` are readings by state before and after, as `before>after`."""

    moved: int
    moves: Mapping[str, int]


@cache
def stored_reading_model(profile: Profile) -> type[BaseModel]:
    """One stored reading of `profile`."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "timestamp": (Annotated[int, Field(description="Unix seconds, UTC")], ...),
        "signals": (Annotated[dict[str, float], Field(description="the reading, signal by signal")], ...),
        "label": (LabelState, ...),
        "late": (Annotated[bool, Field(description="it came long after it was measured")], ...),
    }
    return create_model(f"Stored{profile.name.capitalize()}Reading", **fields)


@cache
def stored_readings_model(profile: Profile) -> type[BaseModel]:
    """Several stored readings of `profile`."""
    fields: dict[str, Any] = {"items": (Sequence[stored_reading_model(profile)], ...)}  # type: ignore[misc]
    return create_model(f"Stored{profile.name.capitalize()}Readings", **fields)


@cache
def recorded_outcome_model(profile: Profile) -> type[BaseModel]:
    """One recorded outcome of `profile`, and its place among its corrections."""
    fields: dict[str, Any] = {
        "outcome_id": (UUID, ...),
        profile.device_field: (int, ...),
        "kind": (OutcomeKind, ...),
        "mode": (str, ...),
        "occurred_at": (Annotated[int, Field(description="Unix seconds, UTC")], ...),
        "learnt_at": (Annotated[int, Field(description="Unix seconds, UTC")], ...),
        "recorded_at": (datetime, ...),
        "actor": (str, ...),
        "withdrawn": (Annotated[bool, Field(description="says that there was no such outcome")], ...),
        "corrects": (Annotated[UUID | None, Field(description="the outcome in whose place this one stands")], ...),
        "reason": (Annotated[str, Field(description="why that one was wrong")], ...),
        "superseded_at": (Annotated[datetime | None, Field(description="when this one was corrected")], ...),
        "superseded_by": (UUID | None, ...),
    }
    return create_model(f"Recorded{profile.name.capitalize()}Outcome", **fields)


@cache
def outcome_history_model(profile: Profile) -> type[BaseModel]:
    """One outcome of `profile` from its report to its last correction."""
    rows: Any = Sequence[recorded_outcome_model(profile)]  # type: ignore[misc]
    fields: dict[str, Any] = {"history": (rows, Field(description="oldest first; the last one counts"))}
    return create_model(f"{profile.name.capitalize()}OutcomeHistory", **fields)


@cache
def connectivity_model(profile: Profile) -> type[BaseModel]:
    """The fleet of `profile` by connectivity, and some of its devices."""
    device: dict[str, Any] = {
        profile.device_field: (int, ...),
        "state": (LinkState, ...),
        "last_heard_at": (Annotated[datetime, Field(description="when live readings last came, fleet time")], ...),
        "silent_s": (int, ...),
    }
    rows: Any = Sequence[create_model(f"{profile.name.capitalize()}Link", **device)]  # type: ignore[misc]
    fields: dict[str, Any] = {
        "items": (rows, ...),
        **dict.fromkeys(("total", "page", "size"), (int, ...)),
        "counts": (LinkCounts, ...),
        "fleet_wide": (Annotated[bool, Field(description="so many fell silent at once: look at the gateway")], ...),
        "late_after_s": (int, ...),
        "disconnected_after_s": (int, ...),
        "as_of": (datetime, ...),
    }
    return create_model(f"{profile.name.capitalize()}Connectivity", **fields)
