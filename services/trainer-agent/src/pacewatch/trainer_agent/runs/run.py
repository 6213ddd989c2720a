"""A run as it is carried out, and its result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pacewatch.contracts.profile import Profile
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.settings import TrainerSettings


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a run: a model version; or None, the stage that failed and the reason."""

    run_id: UUID
    version: str | None
    stage: str
    message: str
    metrics: dict[str, Any] = field(default_factory=dict)
    durations_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A run whose lease we hold, with what its stages need."""

    database: Database
    kit: KitSettings
    own: TrainerSettings
    lease: Lease
    profile: Profile
    durations_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Record the duration of the block."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.durations_s[stage] = round(time.perf_counter() - began_s, 3)
