"""Risk: the score of the active model for a reading, and the factors behind it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, Probability, Text, UnixSeconds
from pacewatch.contracts.profile import Profile


class RiskLevel(StrEnum):
    """`high`: at or above the model's operating threshold; `elevated`: at or above half of it."""

    HIGH = "high"
    ELEVATED = "elevated"
    NORMAL = "normal"


class Factor(Contract):
    """One factor of a score: a predictor, its value, its contribution to the risk, and the same in words."""

    name: Name
    value: float | None
    contribution: float
    text: Text


class TopRisk(Contract):
    """One of the riskiest devices of a batch."""

    device_id: DeviceId
    risk: Probability
    level: RiskLevel


class RiskScored(Event):
    """A batch was scored and its predictions were committed."""

    type: ClassVar[str] = "risk.scored"

    batch_id: UUID
    model_version: Name
    scored: int = Field(ge=0)
    levels: dict[RiskLevel, int]
    top: list[TopRisk]
    scored_at: datetime

    def subject(self) -> str:
        return str(self.batch_id)


@cache
def device_risk_model(profile: Profile) -> type[BaseModel]:
    """One row of the risk list: the newest score of a device, its factors and the reading behind it."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "risk": (Probability, ...),
        "level": (RiskLevel, ...),
        "timestamp": (Annotated[UnixSeconds, Field(description="of the reading, Unix seconds, UTC")], ...),
        "model_version": (str, ...),
        "threshold": (Probability, ...),
        "signals": (Annotated[dict[str, float], Field(description="the reading, signal by signal")], ...),
        "factors": (Annotated[Sequence[Factor], Field(description="largest first")], ...),
        "scored_at": (datetime, ...),
    }
    return create_model(f"{profile.name.capitalize()}Risk", **fields)
