"""Telemetry: the row a device sends, the reply it gets, and the fact that a batch was accepted."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, create_model, model_validator

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, UnixSeconds
from pacewatch.contracts.profile import Profile

MAX_ROWS_PER_REQUEST = 2_000
EXAMPLE_S = 1_767_225_600  # 2026-01-01


class Mode(StrEnum):
    """`live` readings are scored and may alert; `backfill` is history, stored without either."""

    LIVE = "live"
    BACKFILL = "backfill"


@cache
def reading_model(profile: Profile) -> type[Contract]:
    """The row `profile` sends: device field, timestamp, every signal within its plausible range.

    The label and the engineered columns of the published data set may come along; they are not used.
    """
    fields: dict[str, Any] = {
        profile.device_field: (DeviceId, ...),
        "timestamp": (Annotated[UnixSeconds, Field(description="Unix seconds, UTC", examples=[EXAMPLE_S])], ...),
    }
    for signal in profile.signals:
        bounds = Field(ge=signal.plausible.low, le=signal.plausible.high, description=f"{signal.label}, {signal.unit}")
        fields[signal.name] = (Annotated[float, bounds], ...)
    ignored = Annotated[float | None, Field(description="accepted and ignored: computed here")]
    for column in ignored_columns(profile):
        fields[column] = (ignored, None)
    return create_model(f"{profile.name.capitalize()}Reading", __base__=Contract, **fields)


def ignored_columns(profile: Profile) -> tuple[str, ...]:
    """Columns of the published data set that a row may carry and that are never taken from it."""
    return (profile.label.name, *(feature.name for feature in profile.required_features))


class RowError(BaseModel):
    """Why one row was not stored: `row` counts from 0 in the request's order."""

    row: int
    field: str
    code: str
    message: str


class IngestReport(BaseModel):
    """What became of every row: accepted + duplicates + rejected = received."""

    batch_id: UUID
    received: int
    accepted: int
    duplicates: int
    rejected: int
    late: Annotated[int, Field(description="live rows among the accepted that came so long after they were measured")]
    errors: Sequence[RowError]
    ignored_columns: Annotated[Sequence[str], Field(description="came along and were not used: computed here")] = ()


class Readings(Contract):
    """Accepted rows, column by column: all lists have one length, one entry a row, in device and time order."""

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
    """Rows were stored and committed."""

    type: ClassVar[str] = "telemetry.accepted"

    batch_id: UUID
    mode: Mode
    profile: Name
    received_at: datetime
    readings: Readings

    def subject(self) -> str:
        return str(self.batch_id)
