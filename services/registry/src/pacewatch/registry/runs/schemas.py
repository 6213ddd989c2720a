"""HTTP shapes of training runs that no other service needs."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class TrainingSchedule(BaseModel):
    """When the schedule requests the next run, and what it still needs for that."""

    interval_h: Annotated[float, Field(description="hours of fleet time between two runs; 0: only on request")]
    next_at: Annotated[
        datetime | None, Field(description="fleet time from which a run is due; null before the first label update")
    ]
    positive_labels: Annotated[int, Field(description="readings that are known to precede a failure")]
    least_positive_labels: Annotated[int, Field(description="how many of them the schedule needs")]
