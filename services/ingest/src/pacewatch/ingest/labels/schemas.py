"""HTTP schemas of labels."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from pacewatch.contracts.labels import LabelCounts


class LabelSummary(BaseModel):
    """Readings by label; `as_of` is when labels were last updated, None if never."""

    as_of: datetime | None
    counts: LabelCounts


class LabelsMoved(LabelSummary):
    """What one update changed: `moves` counts readings by label before and after, as `before>after`."""

    moved: int
    moves: Mapping[str, int]
