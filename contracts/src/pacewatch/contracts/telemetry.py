"""Telemetry: the reading a device sends, the report on a batch, and the event that readings were accepted."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, create_model, model_validator

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, SentDevice, UnixSeconds
from pacewatch.contracts.http.times import StoredTime
from pacewatch.contracts.profile import Profile

MAX_ROWS_PER_REQUEST = 2_000
EXAMPLE_S = 1_767_225_600  # 2026-01-01

# Of a reading, or of what is said about one, in an answer.
Timestamp: Any = (
    Annotated[int, Field(description="of the reading, as it was sent: Unix seconds")],
    ...,
)
MeasuredAt: Any = (Annotated[StoredTime, Field(description="the timestamp of the reading as a time")], ...)


class Mode(StrEnum):
    """`live` readings are scored and may raise alerts; `backfill` is history, stored without scoring or alerts."""

    LIVE = "live"
    BACKFILL = "backfill"


@cache
def sent_reading_model(profile: Profile) -> type[Contract]:
    """A reading as it may be sent: as `reading_model`, with a device by number or name, and a time in ISO 8601."""
    time = Annotated[UnixSeconds | Name, Field(description="Unix seconds, or ISO 8601", examples=[EXAMPLE_S])]
    fields: dict[str, Any] = {profile.device_field: (SentDevice, ...), "timestamp": (time, ...)}
    return create_model(f"Sent{profile.name.capitalize()}Reading", __base__=reading_model(profile), **fields)


@cache
def reading_model(profile: Profile) -> type[Contract]:
    """The reading a device of `profile` sends: device, timestamp, every signal within its plausible range.

    It may also carry the label and the features of the published data set; they are ignored.
    """
    fields: dict[str, Any] = {
        profile.device_field: (DeviceId, ...),
        "timestamp": (Annotated[UnixSeconds, Field(description="Unix seconds, UTC", examples=[EXAMPLE_S])], ...),
    }
    for signal in profile.signals:
        bounds = Field(ge=signal.plausible.low, le=signal.plausible.high, description=f"{signal.label}, {signal.unit}")
        fields[signal.name] = (Annotated[float, bounds], ...)
    ignored = Annotated[float | None, Field(description="accepted and ignored: the platform computes it")]
    for column in ignored_columns(profile):
        fields[column] = (ignored, None)
    return create_model(f"{profile.name.capitalize()}Reading", __base__=Contract, **fields)


def ignored_columns(profile: Profile) -> tuple[str, ...]:
    """Columns of the published data set that a reading may carry and that are ignored."""
    return (profile.label.name, *(feature.name for feature in profile.required_features))


class RowError(BaseModel):
    """Why one row was not stored: `row` counts from 0 in the order of the request."""

    row: int
    field: str
    code: str
    message: str


class IngestReport(BaseModel):
    """Result of a batch: accepted + duplicates + rejected = received."""

    batch_id: UUID
    received: int
    accepted: int
    duplicates: int
    rejected: int
    late: Annotated[int, Field(description="accepted live rows that arrived later than the profile's limit")]
    errors: Sequence[RowError]
    ignored_columns: Annotated[Sequence[str], Field(description="sent but not used: the platform computes them")] = ()


class ReadingColumns(Contract):
    """Accepted readings as columns: one entry per reading in every list, ordered by device and time."""

    device_ids: list[DeviceId]
    timestamps_s: list[UnixSeconds]
    signals: dict[Name, list[float]]

    @model_validator(mode="after")
    def _columns_have_one_length(self) -> Self:
        lengths = {len(self.device_ids), len(self.timestamps_s), *map(len, self.signals.values())}
        if len(lengths) != 1:
            raise ValueError("every column must have the same number of rows")
        return self


class TelemetryAccepted(Event):
    """Readings were stored and committed."""

    type: ClassVar[str] = "telemetry.accepted"

    batch_id: UUID
    mode: Mode
    profile: Name
    received_at: datetime
    readings: ReadingColumns

    def subject(self) -> str:
        return str(self.batch_id)
