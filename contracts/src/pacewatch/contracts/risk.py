"""Risk: the score of the active model for a reading, and the factors behind it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, Probability, Text
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import MeasuredAt, Timestamp


class RiskLevel(StrEnum):
    """`high`: the share of readings that the alert budget allows; `elevated`: with these at most four times it."""

    HIGH = "high"
    ELEVATED = "elevated"
    NORMAL = "normal"


class DecidedBy(StrEnum):
    """What a level comes from: the `model`'s risk, or a hard `limit` of the profile, which no model overrules."""

    MODEL = "model"
    LIMIT = "limit"


class NoLevel(StrEnum):
    """Why a score has no level: the device is too new and `settling`, or there is `not_enough_history` of it."""

    SETTLING = "settling"
    NOT_ENOUGH_HISTORY = "not_enough_history"


RelativeRisk = Annotated[
    float | None, Field(ge=0, description="risk as a multiple of the fleet's base rate; null if that is unknown")
]


class Factor(Contract):
    """A fact that stands out behind a score: a predictor, its value, and the same in words.

    `contribution` is what all predictors of the `signal` (null: of no single one) added to the raw score. `baseline` is
    what the signal was for this device `baseline_days` before, in its unit.
    """

    name: Name
    value: float | None
    contribution: float
    text: Text
    signal: Name | None = None
    baseline: float | None = None
    baseline_days: float | None = None


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


FACTORS = "a fact for each signal that stands out, hard limits first, then the largest; may be empty"


@cache
def device_risk_model(profile: Profile) -> type[BaseModel]:
    """One row of the risk list: the newest score of a device, its factors and the reading behind it."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "device": (Annotated[str, Field(description="as people write it: its number or name")], ...),
        "risk": (Probability, ...),
        "level": (Annotated[RiskLevel | None, Field(description="null: `no_level` says why")], ...),
        "no_level": (Annotated[NoLevel | None, Field(description="why there is no level; null with one")], ...),
        "decided_by": (Annotated[DecidedBy | None, Field(description="null without a level")], ...),
        "relative_risk": (RelativeRisk, ...),
        "timestamp": Timestamp,
        "measured_at": MeasuredAt,
        "model_version": (str, ...),
        "threshold": (Probability, ...),
        "signals": (Annotated[dict[str, float], Field(description="the reading, signal by signal")], ...),
        "factors": (Annotated[Sequence[Factor], Field(description=FACTORS)], ...),
        "contributions": (Annotated[dict[str, float], Field(description="to the raw score, by signal")], ...),
        "scored_at": (datetime, ...),
    }
    return create_model(f"{profile.name.capitalize()}Risk", **fields)
