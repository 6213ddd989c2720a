"""From the true outcomes to the reported ones: reports are late, and some are never made."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.simulator.day import Outcome
from pacewatch.simulator.failures.endings import Ending

DELAY_DAYS = (10.0, 1.0)  # * median and log-sd
NEVER_SHARE = 0.075  # * the middle of 5-10 %


@dataclass(frozen=True, slots=True)
class TrueOutcome:
    """What really happened to one device, and when it was reported; None is never."""

    device_id: int
    kind: OutcomeKind
    mode: str
    signature: str
    occurred_at_s: int
    reported_at_s: int | None


@dataclass(slots=True)
class OutcomeReports:
    """All true outcomes in order, and a heap of the reports not yet delivered, earliest first."""

    truth: list[TrueOutcome] = field(default_factory=list)
    _pending: list[tuple[int, int]] = field(default_factory=list)

    def record(self, rng: np.random.Generator, ending: Ending) -> None:
        """Record what happened and draw when, if ever, it is reported."""
        median_days, log_sd = DELAY_DAYS
        delay_s = int(86_400 * median_days * np.exp(log_sd * rng.standard_normal()))
        reported_at_s = None if rng.random() < NEVER_SHARE else ending.occurred_at_s + delay_s
        if reported_at_s is not None:
            heapq.heappush(self._pending, (reported_at_s, len(self.truth)))
        self.truth.append(
            TrueOutcome(
                ending.device_id, ending.kind, ending.mode, ending.signature, ending.occurred_at_s, reported_at_s
            )
        )

    def pop_due(self, end_s: int) -> tuple[Outcome, ...]:
        """Remove and return the reports that arrive before `end_s`."""
        due = []
        while self._pending and self._pending[0][0] < end_s:
            learnt_at_s, number = heapq.heappop(self._pending)
            true = self.truth[number]
            due.append(Outcome(true.device_id, true.kind, true.occurred_at_s, learnt_at_s, true.mode))
        return tuple(due)
