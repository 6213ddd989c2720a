"""What happened in a year: all that the figures of the exam follow from, as plain arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Words
from pacewatch.simulator.day import ReadingLog
from pacewatch.simulator.failures.reports import TrueOutcome


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that may open or close an episode, in the order in which they were made.

    `at_s` is when each was made, `by_limit` whether a hard limit was reached, `version` the model's.
    """

    device: Ints
    at_s: Floats
    risk: Floats
    by_limit: Bools
    version: Words


@dataclass(frozen=True, slots=True)
class Raised:
    """The alerts of the platform, one entry each. `closed_s` is infinite while one is open; `mailed` counts mails."""

    device: Ints
    at_s: Floats
    closed_s: Floats
    by_limit: Bools
    mailed: Ints


@dataclass(frozen=True, slots=True)
class Year:
    """The live year, from `from_s` to `to_s`; `truth` goes on for long enough to judge its last mail.

    `models` are the registry's, oldest first. `reported_s` is when the platform received the report that a device has
    ended, `implanted_s` when each device was implanted. `readings` are the live ones; their `received_s` is when they
    were sent to the platform.
    """

    from_s: int
    to_s: int
    raised: Raised
    scored: Scored
    readings: ReadingLog
    truth: Sequence[TrueOutcome]
    reported_s: Mapping[int, int]
    implanted_s: Mapping[int, int]
    models: Sequence[Mapping[str, Any]]

    @property
    def failures(self) -> list[TrueOutcome]:
        """The true failures of the year."""
        return [one for one in self.truth if _failed(one) and self.from_s <= one.occurred_at_s < self.to_s]

    @property
    def failed_s(self) -> dict[int, int]:
        """When each device failed, during the year or later."""
        return {one.device_id: one.occurred_at_s for one in self.truth if _failed(one)}


def _failed(outcome: TrueOutcome) -> bool:
    return outcome.kind is OutcomeKind.FAILURE
