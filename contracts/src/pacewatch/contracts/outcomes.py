"""Outcomes: what really happened to a device. Labels come from these and from nothing else."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, create_model, model_validator

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, Text, UnixSeconds
from pacewatch.contracts.profile import Profile

MAX_OUTCOMES_PER_REQUEST = 2_000


class OutcomeKind(StrEnum):
    """`seen_healthy` is a check-up that found the device working."""

    FAILURE = "failure"
    EXPLANT = "explant"
    LOST = "lost"
    SEEN_HEALTHY = "seen_healthy"


class LabelState(StrEnum):
    """Where a reading stands in the label ledger."""

    UNRESOLVED = "unresolved"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    CENSORED = "censored"


@cache
def outcome_model(profile: Profile) -> type[Contract]:
    """The outcome `profile` reports: device field, kind, when it happened, when it was learnt, and how it failed."""
    kind = Annotated[OutcomeKind, BeforeValidator(_kind)]
    fields: dict[str, Any] = {
        profile.device_field: (DeviceId, ...),
        "kind": (kind, ...),
        "occurred_at": (Annotated[UnixSeconds, Field(description="Unix seconds, UTC")], ...),
        "learnt_at": (Annotated[UnixSeconds | None, Field(description="default: now")], None),
        "mode": (Annotated[Text, Field(description="failure mode or component")], ""),
    }
    return create_model(f"{profile.name.capitalize()}Outcome", __base__=Contract, **fields)


def _kind(value: Any) -> Any:
    """Strict models take an enum only as a member; JSON has only strings."""
    return OutcomeKind(value) if isinstance(value, str) and value in set(OutcomeKind) else value


class Correction(Contract):
    """Why a recorded outcome is wrong, and what is right instead: another outcome, or that there was none."""

    reason: Name
    withdrawn: bool = Field(False, description="true: there was no such outcome")
    outcome: Any = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.withdrawn == (self.outcome is not None):
            raise ValueError("say either what is right in `outcome`, or `withdrawn`: true")
        return self


@cache
def correction_model(profile: Profile) -> type[Correction]:
    """A correction whose outcome is one that `profile` reports."""
    fields: dict[str, Any] = {"outcome": (outcome_model(profile) | None, None)}
    return create_model(f"{profile.name.capitalize()}Correction", __base__=Correction, **fields)


class OutcomeError(BaseModel):
    """What there is to say of one outcome: why it was not recorded, or that it was corrected since it was."""

    row: int
    field: str
    code: str
    message: str


class OutcomeReport(BaseModel):
    """What became of every outcome: recorded + duplicates + rejected = received."""

    received: int
    recorded: int
    duplicates: int
    rejected: int
    errors: Sequence[OutcomeError]


class OutcomeRecorded(Event):
    """Somebody told us what became of a device, or that what was told before is wrong.

    With `corrects`, that outcome stands no longer, and this one does in its place; with `withdrawn` none does.
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


class LabelCounts(Contract):
    """Readings by label state, over the whole ledger."""

    unresolved: int = Field(ge=0)
    positive: int = Field(ge=0)
    negative: int = Field(ge=0)
    censored: int = Field(ge=0)


class LabelsMatured(Event):
    """The ledger was judged as of `as_of`; `moved` readings changed state."""

    type: ClassVar[str] = "labels.matured"

    as_of: datetime
    moved: int = Field(ge=0)
    counts: LabelCounts
