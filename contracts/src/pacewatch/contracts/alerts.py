"""Alert episodes: one per device and danger, opened when risk crosses the threshold, closed when it is well below."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from pacewatch.contracts.base import DeviceId, Event, Name, Probability, Text, UnixSeconds
from pacewatch.contracts.risk import Factor


class AlertKind(StrEnum):
    """What the episode warns of."""

    FAILURE_RISK = "failure_risk"


class AlertRaised(Event):
    """A device's risk crossed the threshold: somebody must be told, once."""

    type: ClassVar[str] = "alert.raised"

    alert_id: UUID
    device_id: DeviceId
    kind: AlertKind
    risk: Probability
    threshold: Probability
    factors: list[Factor]
    signals: dict[Name, float]
    timestamp_s: UnixSeconds
    model_version: Name
    raised_at: datetime

    def subject(self) -> str:
        return str(self.device_id)


class AlertCleared(Event):
    """The danger of an episode is over."""

    type: ClassVar[str] = "alert.cleared"

    alert_id: UUID
    device_id: DeviceId
    kind: AlertKind
    risk: Probability
    cleared_at: datetime

    def subject(self) -> str:
        return str(self.device_id)


class NotificationSent(Event):
    """A mail server took responsibility for one mail."""

    type: ClassVar[str] = "notification.sent"

    alert_id: UUID
    recipient: Text
    message_id: Text
    attempt: int = Field(ge=1)
    sent_at: datetime

    def subject(self) -> str:
        return str(self.alert_id)


class NotificationFailed(Event):
    """A mail was refused for good; a person must look."""

    type: ClassVar[str] = "notification.failed"

    alert_id: UUID
    recipient: Text
    message_id: Text
    attempt: int = Field(ge=1)
    reason: Text

    def subject(self) -> str:
        return str(self.alert_id)
