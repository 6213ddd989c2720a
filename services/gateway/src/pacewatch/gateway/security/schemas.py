"""HTTP shapes of security events."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class SecurityEvent(BaseModel):
    """What happened, once or several times within an hour; its times are wall time."""

    number: int
    # Not `Kind`: a process of the release before lists events of a new kind, too.
    kind: Annotated[str, Field(description="one of those that the filter `kind` takes")]
    actor: Annotated[str, Field(description="e-mail address, or key:<id>; empty if unknown")]
    address: Annotated[str, Field(description="of the client")]
    detail: str
    count: int
    first_at: datetime
    last_at: datetime
    correlation_id: Annotated[str, Field(description="empty for events that are counted")]
