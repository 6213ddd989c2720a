"""Attributes of devices: which value a device had at a reading, and what the model sees of it.

Training, scoring and the verification of scores use this code alone. Each value follows from one entry of the register
and one timestamp, so it has the same bits in any batch and row order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from pacewatch.contracts.profile import SECONDS_PER_DAY, Attribute, AttributeKind
from pacewatch.kit.columns.arrays import AnyArray, Floats, Ints
from pacewatch.kit.columns.readings import Readings


@dataclass(frozen=True, slots=True)
class Timeline:
    """The values of one attribute: of each device, sorted, from the Unix second of `since` on.

    Words, or numbers as doubles; a date is a number of Unix seconds.
    """

    since: Readings
    values: AnyArray

    @classmethod
    def of(cls, device_ids: Ints, valid_from_s: Ints, values: AnyArray) -> "Timeline":
        """The timeline of entries in any order, at most one of a device and moment."""
        since = Readings(device_ids, valid_from_s)
        order = since.order()
        return cls(since, values) if order is None else cls(since.where(order), values[order])

    def at(self, keys: Readings, missing: str | float) -> AnyArray:
        """The value that each reading's device had then, shape (readings,); `missing` where none is known."""
        if not len(self.since):
            return np.full(len(keys), missing)
        entry = self.since.positions(keys, side="right") - 1
        is_known = (entry >= 0) & (self.since.device_ids[entry] == keys.device_ids)
        return np.where(is_known, self.values[entry], missing)


Register = Mapping[str, Timeline]
"""By the name of the attribute."""

UNKNOWN: Final[Register] = MappingProxyType({})


def predictor_of(attribute: Attribute, register: Register, keys: Readings) -> Floats:
    """What the model sees of an attribute at each reading, shape (readings,); NaN if it is unknown."""
    if attribute.name not in register:
        return np.full(len(keys), np.nan)
    timeline = register[attribute.name]
    if attribute.kind is AttributeKind.TEXT:
        timeline = replace(timeline, values=_codes(timeline.values, attribute.values))
    found: Floats = timeline.at(keys, np.nan)
    return age_days(found, keys) if attribute.kind is AttributeKind.DATE else found


def age_days(since_s: Floats, keys: Readings) -> Floats:
    """Days from a moment to each reading, shape (readings,); NaN before it, because then the register is wrong."""
    days = (keys.timestamps_s - since_s) / SECONDS_PER_DAY
    return np.where(days >= 0, days, np.nan)


def _codes(words: AnyArray, values: Sequence[str]) -> Floats:
    """The position of each word among `values`; NaN for another word."""
    codes = {value: float(code) for code, value in enumerate(values)}
    return np.array([codes.get(word, np.nan) for word in words.tolist()], dtype=np.float64)
