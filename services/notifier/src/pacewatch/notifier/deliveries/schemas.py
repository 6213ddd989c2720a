"""HTTP shapes of deliveries."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field


class DeliveryStatus(StrEnum):
    """`queued` will be tried until it is sent or refused; `failed` was refused by the mail server for good."""

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
