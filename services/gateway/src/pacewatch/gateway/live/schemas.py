"""HTTP shapes of the live stream."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel


class LiveEvent(BaseModel):
    """One event with a summary of its data."""

    seq: int
    type: str
    subject: str
    time: datetime
    correlation_id: str
    summary: dict[str, Any]


class Recent(BaseModel):
    """The latest events, newest first; the live stream continues after `last_seq`.

    Numbers of another `epoch` mean nothing: a backup was restored, and numbers are given out again.
    """

    items: Sequence[LiveEvent]
    last_seq: int
    epoch: str
