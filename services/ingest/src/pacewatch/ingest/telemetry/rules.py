"""The rules of a profile for one row: its declared columns, and the words for rows that are refused otherwise."""

from dataclasses import replace
from functools import cache

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.tables.columns import TableColumns
from pacewatch.contracts.tables.of_profile import reading_columns
from pacewatch.contracts.telemetry import ignored_columns

Violation = tuple[str, str, str]
"""Field, code, message."""


class Rules:
    """The columns of one profile's rows, in the order device, time, signals."""

    def __init__(self, profile: Profile) -> None:
        self._columns = reading_columns(profile)
        self.device, self.time, *self.signal_names = self._columns.names
        self.ignored = ignored_columns(profile)
        text = f"an earlier row has the same {self.device} and timestamp"
        self.duplicate_in_batch: Violation = (self.time, "duplicate_in_batch", text)
        text = "is not a device that this key is bound to"
        self.device_not_allowed: Violation = (self.device, "device_not_allowed", text)

    def columns(self, latest_s: float = float("inf")) -> TableColumns:
        """The columns; times after `latest_s` are in the future."""
        device, time, *signals = self._columns.columns
        return replace(self._columns, columns=(device, replace(time, high=latest_s), *signals))


@cache
def rules_of(profile: Profile) -> Rules:
    """The rules of `profile`."""
    return Rules(profile)
