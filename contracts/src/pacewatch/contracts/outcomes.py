"""Outcomes: what happened to a device. Labels are derived from outcomes and from nothing else."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, create_model, model_validator

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, SentDevice, Text
from pacewatch.contracts.http.times import SentTime
from pacewatch.contracts.profile import Profile

MAX_OUTCOMES_PER_REQUEST = 2_000


class OutcomeKind(StrEnum):
    """What happened; `seen_healthy` is a check-up that found the device working."""

    FAILURE = "failure"
    EXPLANT = "explant"
    LOST = "lost"
    SEEN_HEALTHY = "seen_healthy"


@cache
def outcome_model(profile: Profile) -> type[Contract]:
    """The outcome a fleet of `profile` reports: device, kind, when it happened, when it was learnt, failure mode."""
    kind = Annotated[OutcomeKind, BeforeValidator(_kind)]
    fields: dict[str, Any] = {
        profile.device_field: (SentDevice, ...),
        "kind": (kind, ...),
        "occurred_at": (SentTime, ...),
        "learnt_at": (Annotated[SentTime | None, Field(description="default: now")], None),
        "mode": (Annotated[Text, Field(description="failure mode or component")], ""),
    }
    return create_model(f"{profile.name.capitalize()}Outcome", __base__=Contract, **fields)


def _kind(value: Any) -> Any:
    """A strict model accepts only enum members; JSON has strings, and people write capitals."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return OutcomeKind(text) if text in set(OutcomeKind) else value


class Correction(Contract):
    """Why a recorded outcome is wrong, and what replaces it: another outcome, or none (`withdrawn`)."""

    reason: Name
    withdrawn: bool = Field(False, description="true: there was no such outcome")
    outcome: Any = None

    @model_validator(mode="after")
    def _outcome_or_withdrawn(self) -> Self:
        if self.withdrawn == (self.outcome is not None):
            raise ValueError("give either the right `outcome`, or `withdrawn`: true")
        return self


@cache
def correction_model(profile: Profile) -> type[Correction]:
    """A correction whose outcome is one of `profile`."""
    fields: dict[str, Any] = {"outcome": (outcome_model(profile) | None, None)}
    return create_model(f"{profile.name.capitalize()}Correction", __base__=Correction, **fields)


class OutcomeError(BaseModel):
    """Why one outcome was not recorded, or that it was recorded before and corrected since."""

    row: int
    field: str
    code: str
    message: str


class OutcomeReport(BaseModel):
    """Result of a request: recorded + duplicates + rejected = received."""

    received: int
    recorded: int
    duplicates: int
    rejected: int
    errors: Sequence[OutcomeError]
    warnings: Annotated[Sequence[str], Field(description="what looks wrong although each outcome is valid")] = ()


class OutcomeRecorded(Event):
    """An outcome was reported, or an earlier outcome was corrected.

    `corrects` names the outcome that this one replaces; with `withdrawn` it is removed and nothing replaces it.
    """

    type: ClassVar[str] = "outcome.recorded"

    outcome_id: UUID
    device_id: DeviceId
    kind: OutcomeKind
    mode: Text
    occurred_at: datetime
    learnt_at: datetime
    corrects: UUID | None = None
    withdrawn: bool = False
    reason: Text = ""

    def subject(self) -> str:
        return str(self.device_id)
