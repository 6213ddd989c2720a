"""One day of a fleet: the readings and outcomes that arrive on it, in the one shape that every source returns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile
from pacewatch.kit.columns.arrays import Floats, Ints

ReadingLog = npt.NDArray[np.void]
"""Structured array of `reading_dtype`: one element per reading received, repeats included."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reported outcome of a device; `mode` is how it failed, empty for the other kinds."""

    device_id: int
    kind: OutcomeKind
    occurred_at_s: int
    learnt_at_s: int
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that arrived in [date_s, date_s + 1 d), readings in the order of arrival.

    `devices` are those that joined, as the register knows them: `device_id` and attributes of the profile.
    """

    date_s: int
    readings: ReadingLog
    outcomes: tuple[Outcome, ...]
    devices: tuple[Mapping[str, Any], ...] = ()

    @property
    def end_s(self) -> int:
        """The first second after this day: every timestamp and arrival of the day is before it."""
        return self.date_s + SECONDS_PER_DAY


class Source(Protocol):
    """A fleet, simulated or replayed: each call of `step` returns the next day. EOFError: there are no more days."""

    @property
    def profile(self) -> Profile: ...

    def step(self) -> Day: ...


def days(source: Source, count: int) -> Iterator[Day]:
    """The next `count` days of `source`."""
    return (source.step() for _ in range(count))


def reading_dtype(profile: Profile) -> np.dtype[np.void]:
    """device_id, timestamp_s (when measured), the profile's signals in its order, received_s (when received)."""
    fields: list[Any] = [("device_id", np.int64), ("timestamp_s", np.int64)]
    fields += [(name, np.float64) for name in profile.signal_names]
    return np.dtype([*fields, ("received_s", np.int64)])


def reading_log(profile: Profile, device_id: Ints, timestamp_s: Ints, values: Floats, received_s: Ints) -> ReadingLog:
    """The columns as a `ReadingLog`; `values` has shape (rows, signals), signals in the profile's order."""
    log = np.empty(len(device_id), reading_dtype(profile))
    log["device_id"], log["timestamp_s"], log["received_s"] = device_id, timestamp_s, received_s
    for column, name in enumerate(profile.signal_names):
        log[name] = values[:, column]
    return log
