"""HTTP shapes of alerts and deliveries."""

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
from pacewatch.contracts.risk import Factor


class AlertStatus(StrEnum):
    """`open` waits for somebody, `acknowledged` has somebody, `cleared` is over."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class DeliveryStatus(StrEnum):
    """`queued` is on its way, however often that took; `failed` was refused for good."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Delivery(BaseModel):
    """One mail to one recipient; its times are wall time."""

    id: int
    alert_id: UUID
    recipient: str
    message_id: str
    status: DeliveryStatus
    attempts: int
    last_error: str | None
    next_attempt_at: Annotated[datetime | None, Field(description="while queued")]
    created_at: datetime
    sent_at: datetime | None


class Acknowledgement(Contract):
    """What the person who takes an alert on has to say."""

    note: Text = ""


class Dispatched(BaseModel):
    """What a dispatch set going."""

    requeued: Annotated[int, Field(description="failed deliveries that are tried again")]
    created: Annotated[int, Field(description="deliveries for open alerts that had none")]


@cache
def alert_model(profile: Profile) -> type[BaseModel]:
    """One row of the alert list; its times are fleet time."""
    fields: dict[str, Any] = {
        "id": (UUID, ...),
        profile.device_field: (int, ...),
        "kind": (AlertKind, ...),
        "status": (AlertStatus, ...),
        "risk": (float, ...),
        "threshold": (float, ...),
        "timestamp": (Annotated[int, Field(description="of the reading, Unix seconds, UTC")], ...),
        "signals": (Annotated[dict[str, float], Field(description="the reading, signal by signal")], ...),
        "factors": (Annotated[Sequence[Factor], Field(description="largest first")], ...),
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
    """One alert and what became of its mails."""
    return create_model(
        f"{profile.name.capitalize()}AlertDetail", __base__=alert_model(profile), deliveries=(Sequence[Delivery], ...)
    )
