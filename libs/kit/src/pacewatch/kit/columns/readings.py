"""A batch of readings as columns: the one shape in which services and models hand rows to each other.

A thousand readings are a handful of arrays, not a thousand objects. Without signals the same type holds keys: which
device, at which second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Self

import numpy as np

from pacewatch.kit.columns.arrays import Bools, Floats, Ints, Rows

_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings by device and Unix second (UTC); `signals` maps a signal's name to its values, in the signal's unit.

    Every array has shape (readings,).
    """

    device_ids: Ints
    timestamps_s: Ints
    signals: Mapping[str, Floats] = field(default_factory=dict)

    @classmethod
    def empty(cls, signal_names: Iterable[str] = ()) -> Self:
        """No readings of these signals."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, {name: np.empty(0) for name in signal_names})

    @classmethod
    def of_lists(
        cls,
        device_ids: Sequence[int],
        timestamps_s: Sequence[int],
        signals: Mapping[str, Sequence[float]] = MappingProxyType({}),
    ) -> Self:
        """Readings from Python lists of one length."""
        columns = {name: np.array(values, dtype=np.float64) for name, values in signals.items()}
        return cls(np.array(device_ids, dtype=np.int64), np.array(timestamps_s, dtype=np.int64), columns)

    @classmethod
    def of_pairs(cls, pairs: Iterable[Sequence[int]]) -> Self:
        """Keys from pairs of device and Unix second: sorted, each once."""
        table = np.array(sorted({(device, second) for device, second in pairs}), dtype=np.int64).reshape(-1, 2)
        return cls(np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1]))

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """The readings of at least one part, one part after the other; all parts have the same signals."""
        names = parts[0].signals
        return cls(
            np.concatenate([part.device_ids for part in parts]),
            np.concatenate([part.timestamps_s for part in parts]),
            {name: np.concatenate([part.signals[name] for part in parts]) for name in names},
        )

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any]) -> Self:
        """Readings from the columns of a table or query, as `columns` gives them; every other column is a signal."""
        signals = dict(columns)
        return cls(signals.pop("device_id"), signals.pop("timestamp_s"), signals)

    @property
    def columns(self) -> dict[str, Ints | Floats]:
        """One array per column, by its name in every table of readings."""
        return {"device_id": self.device_ids, "timestamp_s": self.timestamps_s, **self.signals}

    def __len__(self) -> int:
        return len(self.device_ids)

    @property
    def keys(self) -> Self:
        """The same readings without their signals."""
        return type(self)(self.device_ids, self.timestamps_s)

    def where(self, rows: Rows) -> Self:
        """The chosen rows."""
        signals = {name: values[rows] for name, values in self.signals.items()}
        return type(self)(self.device_ids[rows], self.timestamps_s[rows], signals)

    def pairs(self) -> list[tuple[int, int]]:
        """Python pairs of device and Unix second."""
        return list(zip(self.device_ids.tolist(), self.timestamps_s.tolist(), strict=True))

    def among(self, others: Self) -> Bools:
        """Which of these keys are among the others'."""
        known = set(others.pairs())
        return np.fromiter((pair in known for pair in self.pairs()), dtype=np.bool_, count=len(self))

    def order(self) -> Ints | None:
        """Positions by device and time; None if the readings are in that order already, which costs no sort."""
        same, later = self.device_ids[1:] == self.device_ids[:-1], self.timestamps_s[1:] >= self.timestamps_s[:-1]
        if np.where(same, later, self.device_ids[1:] > self.device_ids[:-1]).all():
            return None
        low, high = int(self.device_ids.min()), int(self.device_ids.max())
        first_s, last_s = int(self.timestamps_s.min()), int(self.timestamps_s.max())
        if (high - low + 1) * (last_s - first_s + 1) > _LARGEST:
            return np.lexsort((self.timestamps_s, self.device_ids))
        # A fifth of the time of a lexsort; stable, so that equal keys keep their order.
        return np.argsort(_joint(self.device_ids - low, self.timestamps_s, first_s, last_s), kind="stable")

    def ordered(self) -> Self:
        """The readings by device and time."""
        order = self.order()
        return self if order is None else self.where(order)

    def positions(self, keys: Self, *, side: Literal["left", "right"] = "left") -> Ints:
        """Where `keys`, of devices among these sorted readings, would go: with "left", where they are if present."""
        if not len(self) or not len(keys):
            return np.zeros(len(keys), dtype=np.int64)
        begins = np.append(True, np.diff(self.device_ids) != 0)
        devices, own = self.device_ids[begins], np.cumsum(begins) - 1
        first_s = min(self.timestamps_s.min(), keys.timestamps_s.min())
        last_s = max(self.timestamps_s.max(), keys.timestamps_s.max())
        place = _joint(own, self.timestamps_s, first_s, last_s)
        wanted = _joint(np.searchsorted(devices, keys.device_ids), keys.timestamps_s, first_s, last_s)
        found: Ints = np.searchsorted(place, wanted, side=side)
        return found


def _joint(groups: Ints, timestamps_s: Ints, first_s: int, last_s: int) -> Ints:
    """One whole number per reading that sorts by group, then time."""
    return groups * (last_s - first_s + 1) + (timestamps_s - first_s)
