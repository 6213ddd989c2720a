"""From what happened to what is known: reports come late, and some never. The truth stays here."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.simulator.failures.endings import Ending
from pacewatch.simulator.sources.day import Outcome

DELAY_DAYS = (10.0, 1.0)  # * median and log-sd
NEVER_SHARE = 0.075  # * the middle of 5-10 %


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened to one device, and when it was reported; None is never."""

    device_id: int
    kind: OutcomeKind
    mode: str
    signature: str
    occurred_at_s: int
    reported_at_s: int | None


@dataclass(slots=True)
class Reports:
    """Everything that has happened, in order, and the reports still on their way, soonest first."""

    truth: list[Truth] = field(default_factory=list)
    _coming: list[tuple[int, int]] = field(default_factory=list)

    def record(self, rng: np.random.Generator, ending: Ending) -> None:
        """Remember what happened and decide when, if ever, somebody tells."""
        median_days, log_sd = DELAY_DAYS
        delay_s = int(86_400 * median_days * np.exp(log_sd * rng.standard_normal()))
        reported_at_s = None if rng.random() < NEVER_SHARE else ending.occurred_at_s + delay_s
        if reported_at_s is not None:
            heapq.heappush(self._coming, (reported_at_s, len(self.truth)))
        self.truth.append(
            Truth(ending.device_id, ending.kind, ending.mode, ending.signature, ending.occurred_at_s, reported_at_s)
        )

    def due(self, end_s: int) -> tuple[Outcome, ...]:
        """The reports that arrive before `end_s` and have not been handed out yet."""
        arrived = []
        while self._coming and self._coming[0][0] < end_s:
            learnt_at_s, number = heapq.heappop(self._coming)
            known = self.truth[number]
            arrived.append(Outcome(known.device_id, known.kind, known.occurred_at_s, learnt_at_s, known.mode))
        return tuple(arrived)
