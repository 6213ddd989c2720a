"""Alerts and their deliveries.

Inference keeps an episode for each stretch of danger of a device: it opens when the risk crosses the operating
threshold and closes when the risk is well below it. An episode causes at most one alert: what people see and act on.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from pacewatch.contracts.base import DeviceId, Event, Name, Probability, Text, UnixSeconds
from pacewatch.contracts.risk import DecidedBy, Factor, RelativeRisk


class AlertKind(StrEnum):
    """What the alert warns of."""

    FAILURE_RISK = "failure_risk"


class AlertRaised(Event):
    """The risk of a device crossed the operating threshold, or a reading a hard limit: people are notified once."""

    type: ClassVar[str] = "alert.raised"

    alert_id: UUID
    device_id: DeviceId
    kind: AlertKind
    risk: Probability
    threshold: Probability
    decided_by: DecidedBy = DecidedBy.MODEL
    relative_risk: RelativeRisk = None
    factors: list[Factor]
    signals: dict[Name, float]
    timestamp_s: UnixSeconds
    model_version: Name
    raised_at: datetime

    def subject(self) -> str:
        return str(self.device_id)


class AlertCleared(Event):
    """The episode behind an alert ended."""

    type: ClassVar[str] = "alert.cleared"

    alert_id: UUID
    device_id: DeviceId
    kind: AlertKind
    risk: Probability
    cleared_at: datetime

    def subject(self) -> str:
        return str(self.device_id)


class NotificationSent(Event):
    """A mail server accepted one mail to one recipient."""

    type: ClassVar[str] = "notification.sent"

    alert_id: UUID
    recipient: Text
    message_id: Text
    attempt: int = Field(ge=1)
    sent_at: datetime

    def subject(self) -> str:
        return str(self.alert_id)


class NotificationFailed(Event):
    """A mail was refused permanently; a person must look into it."""

    type: ClassVar[str] = "notification.failed"

    alert_id: UUID
    recipient: Text
    message_id: Text
    attempt: int = Field(ge=1)
    reason: Text

    def subject(self) -> str:
        return str(self.alert_id)
