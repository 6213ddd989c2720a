"""HTTP schemas of telemetry; the reports on sent rows are in contracts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.http.times import OptionalTime
from pacewatch.contracts.labels import LabelState
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import IngestReport, MeasuredAt, Mode, Timestamp
from pacewatch.ingest.replies import Refusal


class RefusedReport(Refusal, IngestReport):
    """The report of a batch without a valid row, as problem details."""


class BatchRecord(BaseModel):
    """The audit of one batch: who sent it, when and from where, and the result for its rows."""

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
    late: Annotated[int, Field(description="accepted live rows that arrived late after their timestamp")]
    removed: Annotated[int, Field(description="accepted rows that retention has removed since")]
    codes: Annotated[Mapping[str, int], Field(description="how often each error code was reported")]
    first_reading_at: Annotated[OptionalTime, Field(description="time of the oldest accepted reading")]
    last_reading_at: Annotated[OptionalTime, Field(description="time of the newest accepted reading")]
    idempotency_key: str | None


class TelemetrySummary(BaseModel):
    """How much telemetry is stored."""

    rows: int
    devices: int
    batches: int
    first_reading_at: OptionalTime
    last_reading_at: OptionalTime
    last_received_at: datetime | None
    rows_today: Annotated[int, Field(description="accepted since midnight UTC of fleet time")]
    as_of: datetime


@cache
def stored_reading_model(profile: Profile) -> type[BaseModel]:
    """One stored reading of `profile`."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "timestamp": Timestamp,
        "measured_at": MeasuredAt,
        "signals": (Annotated[dict[str, float], Field(description="the value of each signal")], ...),
        "label": (LabelState, ...),
        "late": (Annotated[bool, Field(description="it arrived late after its timestamp")], ...),
    }
    return create_model(f"Stored{profile.name.capitalize()}Reading", **fields)


@cache
def stored_readings_model(profile: Profile) -> type[BaseModel]:
    """Several stored readings of `profile`."""
    fields: dict[str, Any] = {"items": (Sequence[stored_reading_model(profile)], ...)}  # type: ignore[misc]
    return create_model(f"Stored{profile.name.capitalize()}Readings", **fields)
