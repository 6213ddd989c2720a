"""The rules of a profile for one row, prepared once to check many rows."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np

from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import ignored_columns
from pacewatch.ingest.parsing import printable
from pacewatch.kit.columns.arrays import Floats

Violation = tuple[str, str, str]
"""Field, code, message."""

# Reported fields that are not required: a client may send any number of them.
_MAX_OTHERS = 4


class Rules:
    """The fields of one profile's rows and their bounds."""

    def __init__(self, profile: Profile) -> None:
        names = (profile.device_field, "timestamp", *profile.signal_names)
        self.pick = itemgetter(*names)
        self.width = len(names)
        self.fields = names
        self.signal_names = profile.signal_names
        self.required = frozenset(names)
        self.integer_fields = frozenset(names[:2])
        self.ignored = frozenset(ignored_columns(profile))
        text = f"an earlier row has the same {profile.device_field} and timestamp"
        self.duplicate_in_batch: Violation = ("timestamp", "duplicate_in_batch", text)
        text = "is not a device that this key is bound to"
        self.device_not_allowed: Violation = (profile.device_field, "device_not_allowed", text)
        self._profile = profile
        self._low = np.array([0, profile.epoch_s, *(signal.plausible.low for signal in profile.signals)])
        self._high = np.array([MAX_INTEGER, 0, *(signal.plausible.high for signal in profile.signals)])

    def bounds(self, latest_s: float) -> tuple[Floats, Floats]:
        """The lowest and the highest valid value of each required field."""
        high = self._high.copy()
        high[1] = latest_s
        return self._low, high

    def ignored_among(self, names: Iterable[str]) -> list[str]:
        """Which of `names` are ignored, in the published order."""
        given = set(names)
        return [name for name in ignored_columns(self._profile) if name in given]

    def empty_values(self) -> Floats:
        """The values of an empty list of rows."""
        return np.empty((0, self.width))

    def violations(self, row: dict[str, Any], latest_s: float) -> Iterator[Violation]:
        """Everything that is invalid in one row: the words for what `bounds` and the types refuse.

        Whole columns are checked against `bounds`; a rule that is only here never refuses a well-typed row.
        """
        yield from self._device(row)
        yield from self._timestamp(row, latest_s)
        yield from self._signals(row)
        yield from self._others(row)

    def _device(self, row: dict[str, Any]) -> Iterator[Violation]:
        field = self._profile.device_field
        kind = type(row.get(field))
        if field not in row:
            yield field, "missing", "is required"
        elif kind is not int:
            yield field, "wrong_type", "must be a whole number"
        elif not 0 <= row[field] <= MAX_INTEGER:
            yield field, "out_of_range", "must be between 0 and 2^53 - 1"

    def _timestamp(self, row: dict[str, Any], latest_s: float) -> Iterator[Violation]:
        value = row.get("timestamp")
        if "timestamp" not in row:
            yield "timestamp", "missing", "is required"
        elif type(value) is not int:
            yield "timestamp", "wrong_type", "must be a whole number of Unix seconds"
        elif value > latest_s:
            yield "timestamp", "timestamp_in_future", "is too far ahead of the server's clock"
        elif value < self._profile.epoch_s:
            first = datetime.fromtimestamp(self._profile.epoch_s, UTC)
            yield "timestamp", "timestamp_too_old", f"is before {first:%Y-%m-%d}, when no such device existed"

    def _signals(self, row: dict[str, Any]) -> Iterator[Violation]:
        for signal in self._profile.signals:
            value = row.get(signal.name)
            if signal.name not in row:
                yield signal.name, "missing", "is required"
            elif not isinstance(value, int | float) or isinstance(value, bool):
                yield signal.name, "wrong_type", f"must be a number, in {signal.unit}"
            elif value not in signal.plausible:
                limits = f"{signal.plausible.low:g} and {signal.plausible.high:g} {signal.unit}"
                yield signal.name, "out_of_range", f"must be between {limits}"

    def _others(self, row: dict[str, Any]) -> Iterator[Violation]:
        others = (field for field in row if field not in self.required and not self._is_valid_extra(field, row[field]))
        for field in islice(others, _MAX_OTHERS):
            if field not in self.ignored:
                yield printable(field), "unknown_field", "is not a field of a reading"
            else:
                yield field, "wrong_type", "must be a number or null; it is not used"

    def _is_valid_extra(self, field: str, value: Any) -> bool:
        return field in self.ignored and type(value) in (int, float, type(None))


@cache
def rules_of(profile: Profile) -> Rules:
    """The rules of `profile`."""
    return Rules(profile)
