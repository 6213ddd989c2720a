"""What one day brings home: the one shape in which every source hands over readings and outcomes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import SECONDS_PER_DAY, Profile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Readings = npt.NDArray[np.void]
"""Structured array of `reading_dtype`, one element per ping."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody reported about a device; `mode` says how it failed and is empty for the other kinds."""

    device_id: int
    kind: OutcomeKind
    occurred_at_s: int
    learnt_at_s: int
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that arrived in [date_s, date_s + 1 d), readings in the order of arrival."""

    date_s: int
    readings: Readings
    outcomes: tuple[Outcome, ...]

    @property
    def end_s(self) -> int:
        """The first second after this day: nothing in it is stamped or received so late."""
        return self.date_s + SECONDS_PER_DAY


class Source(Protocol):
    """A fleet, simulated or replayed: one call, one day. EOFError says that there are no more days."""

    @property
    def profile(self) -> Profile: ...

    def step(self) -> Day: ...


def days(source: Source, count: int) -> Iterator[Day]:
    """The next `count` days of `source`."""
    return (source.step() for _ in range(count))


def reading_dtype(profile: Profile) -> np.dtype[np.void]:
    """device_id, timestamp_s (when it was measured), the profile's signals in its order, received_s (when it came)."""
    fields: list[Any] = [("device_id", np.int64), ("timestamp_s", np.int64)]
    fields += [(name, np.float64) for name in profile.signal_names]
    return np.dtype([*fields, ("received_s", np.int64)])


def readings_from(profile: Profile, device_id: Ints, timestamp_s: Ints, values: Floats, received_s: Ints) -> Readings:
    """Columns as `Readings`; `values` has shape (rows, signals), signals in the profile's order."""
    readings = np.empty(len(device_id), reading_dtype(profile))
    readings["device_id"], readings["timestamp_s"], readings["received_s"] = device_id, timestamp_s, received_s
    for column, name in enumerate(profile.signal_names):
        readings[name] = values[:, column]
    return readings
