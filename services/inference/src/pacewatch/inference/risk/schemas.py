"""HTTP shapes of risks and predictions that no other service uses; the others are in contracts.risk."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, FailFast, Field, create_model, model_validator

from pacewatch.contracts.alerts import AlertKind
from pacewatch.contracts.base import Contract, Probability
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import FACTORS, DecidedBy, Factor, NoLevel, RiskLevel, device_risk_model
from pacewatch.contracts.telemetry import MAX_ROWS_PER_REQUEST, MeasuredAt, Timestamp, reading_model
from pacewatch.kit.tables.device_names import DEVICE


class Moves(BaseModel):
    """How many devices the next reading will move to a higher and to a lower level, as their newest one tells."""

    up: int
    down: int


class RiskSummary(BaseModel):
    """The fleet at a glance; version and threshold are None before the first activation."""

    model_version: str | None
    threshold: Probability | None
    levels: Annotated[dict[RiskLevel, int], Field(description="devices by level, without silent ones")]
    moves: Annotated[
        Moves | None, Field(description="of the last activation, over the devices looked at since; null for the first")
    ]
    not_enough_history: Annotated[int, Field(description="devices with a score and too little history for a level")]
    settling: Annotated[int, Field(description="devices with a score and too new for a level by the model")]
    unscored: Annotated[int, Field(description="devices with readings and no score yet")]
    silent: Annotated[int, Field(description="devices behind the fleet's newest reading by more than the horizon")]
    open_episodes: int
    scored_at: Annotated[datetime | None, Field(description="time of the newest score, fleet time")]


Missing: Any = (
    Annotated[Sequence[str], Field(description="predictors without a value: too little history, or not registered")],
    ...,
)
NoLevelText: Any = (
    Annotated[str | None, Field(description="`no_level` in words, with the days that it takes; null with a level")],
    ...,
)


class OpenEpisode(BaseModel):
    """The open episode of a device; times are fleet time."""

    id: UUID
    kind: AlertKind
    risk: Annotated[Probability, Field(description="when it opened")]
    decided_by: DecidedBy
    opened_at: datetime


@cache
def prediction_model(profile: Profile) -> type[BaseModel]:
    """One stored score; `revision` counts from 0 for each reading, and a later revision supersedes the earlier ones."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "device": DEVICE,
        "timestamp": Timestamp,
        "measured_at": MeasuredAt,
        "risk": (Probability, ...),
        "level": (RiskLevel | None, ...),
        "no_level": (NoLevel | None, ...),
        "decided_by": (DecidedBy | None, ...),
        "threshold": (Probability, ...),
        "model_version": (str, ...),
        "feature_hash": (str, ...),
        "factors": (Annotated[Sequence[Factor], Field(description=FACTORS)], ...),
        "batch_id": (UUID, ...),
        "revision": (int, ...),
        "scored_at": (datetime, ...),
        "superseded_at": (datetime | None, ...),
    }
    return create_model(f"{profile.name.capitalize()}Prediction", **fields)


@cache
def device_detail_model(profile: Profile) -> type[BaseModel]:
    """A device's current risk, its open episode, and its last predictions, newest first."""
    fields: dict[str, Any] = {
        "missing": Missing,
        "no_level_text": NoLevelText,
        "episode": (OpenEpisode | None, ...),
        "history": (Sequence[prediction_model(profile)], ...),  # type: ignore[misc]
    }
    return create_model(f"{profile.name.capitalize()}RiskDetail", __base__=device_risk_model(profile), **fields)


@cache
def late_finding_model(profile: Profile) -> type[BaseModel]:
    """A score that would have raised an alert if no reading had been late, and the alert that was raised next."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "device": DEVICE,
        "timestamp": Timestamp,
        "measured_at": MeasuredAt,
        "risk": (Probability, ...),
        "threshold": (Probability, ...),
        "model_version": (str, ...),
        "possible_at": (
            Annotated[datetime, Field(description="when an alert could have been raised, fleet time")],
            ...,
        ),
        "known_at": (Annotated[datetime, Field(description="when late readings gave this score, fleet time")], ...),
        "alert_id": (
            Annotated[UUID | None, Field(description="the next alert; null if there is none")],
            ...,
        ),
        "alerted_at": (datetime | None, ...),
        "hours_earlier": (Annotated[float | None, Field(description="hours from possible_at to alerted_at")], ...),
    }
    return create_model(f"{profile.name.capitalize()}LateFinding", **fields)


@cache
def predict_request_model(profile: Profile) -> type[BaseModel]:
    """Readings to score, of any number of devices. The first that is not valid is named: naming all takes a second."""
    bounds = Field(min_length=1, max_length=MAX_ROWS_PER_REQUEST)
    reading = reading_model(profile)
    fields: dict[str, Any] = {"readings": (Annotated[list[reading], bounds, FailFast()], ...)}  # type: ignore[valid-type]
    check: Any = {"few_fields": model_validator(mode="before")(_refuse_more_fields_than(2 * len(reading.model_fields)))}
    name = f"{profile.name.capitalize()}PredictRequest"
    return create_model(name, __base__=Contract, __validators__=check, **fields)


def _refuse_more_fields_than(most: int) -> Callable[[Any], Any]:
    """One error for objects with far too many fields, instead of one for each field."""

    def check(body: Any) -> Any:
        readings = body.get("readings") if isinstance(body, dict) else None
        objects = (body, *(readings if isinstance(readings, list) else ()))
        if any(isinstance(one, dict) and len(one) > most for one in objects):
            raise ValueError("an object has far more fields than a reading")
        return body

    return check


@cache
def predict_reply_model(profile: Profile) -> type[BaseModel]:
    """The risk of each device's newest reading, the most urgent first."""
    name = f"{profile.name.capitalize()}PredictedRisk"
    item = create_model(name, __base__=device_risk_model(profile), missing=Missing, no_level_text=NoLevelText)
    fields: dict[str, Any] = {"items": (Sequence[item], ...)}
    return create_model(f"{profile.name.capitalize()}Predictions", **fields)
