"""Labels: whether a reading was followed by a failure within the horizon, as far as outcomes have settled it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from pacewatch.contracts.base import Contract, Event


class LabelState(StrEnum):
    """The label of one reading in the ledger; `censored`: the device left the fleet before the horizon had passed."""

    UNRESOLVED = "unresolved"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    CENSORED = "censored"


class LabelCounts(Contract):
    """Readings by label state, over the whole ledger."""

    unresolved: int = Field(ge=0)
    positive: int = Field(ge=0)
    negative: int = Field(ge=0)
    censored: int = Field(ge=0)


class LabelsMatured(Event):
    """The labels were updated as of `as_of`; `moved` readings changed state."""

    type: ClassVar[str] = "labels.matured"

    as_of: datetime
    moved: int = Field(ge=0)
    counts: LabelCounts
