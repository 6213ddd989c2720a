"""HTTP shapes of alerts; their device field has the profile's name."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.alerts import AlertKind
from pacewatch.contracts.base import Contract, Text
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.risk import FACTORS, DecidedBy, Factor, RelativeRisk
from pacewatch.contracts.telemetry import MeasuredAt, Timestamp
from pacewatch.kit.tables.device_names import DEVICE
from pacewatch.notifier.deliveries.schemas import Delivery


class AlertStatus(StrEnum):
    """`open` is not acknowledged yet, `acknowledged` has a person working on it, `cleared` has ended."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Acknowledgement(Contract):
    """A note from the person who acknowledges an alert."""

    note: Text = ""


class Dispatched(BaseModel):
    """What a dispatch queued."""

    requeued: Annotated[int, Field(description="failed deliveries that will be tried again")]
    created: Annotated[int, Field(description="new deliveries for open alerts that had none")]


@cache
def alert_model(profile: Profile) -> type[BaseModel]:
    """One row of the alert list; its times are fleet time."""
    fields: dict[str, Any] = {
        "id": (UUID, ...),
        profile.device_field: (int, ...),
        "device": DEVICE,
        "kind": (AlertKind, ...),
        "status": (AlertStatus, ...),
        "risk": (float, ...),
        "threshold": (float, ...),
        "decided_by": (DecidedBy, ...),
        "relative_risk": (RelativeRisk, ...),
        "timestamp": Timestamp,
        "measured_at": MeasuredAt,
        "signals": (Annotated[dict[str, float], Field(description="the reading, signal by signal")], ...),
        "factors": (Annotated[Sequence[Factor], Field(description=FACTORS)], ...),
        "model_version": (str, ...),
        "raised_at": (datetime, ...),
        "cleared_at": (datetime | None, ...),
        "acknowledged_at": (datetime | None, ...),
        "acknowledged_by": (str | None, ...),
        "note": (str | None, ...),
    }
    return create_model(f"{profile.name.capitalize()}Alert", **fields)


@cache
def alert_detail_model(profile: Profile) -> type[BaseModel]:
    """One alert and its deliveries."""
    return create_model(
        f"{profile.name.capitalize()}AlertDetail", __base__=alert_model(profile), deliveries=(Sequence[Delivery], ...)
    )
