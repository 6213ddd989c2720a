"""Trailing windows kept in memory, so that a day's readings do not cost a month's rows again.

Any process may store readings of any device, so a window is never believed by itself. Every transaction that stores
readings of a device draws a token of its own and leaves it in the device's row; a window is used only under that row's
lock, and only while the row still carries the token that the window was kept under. A transaction that is rolled back
takes its token with it: what was kept for it is never used.
"""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

NO_TOKEN = 0
"""What a device's row carries before its readings were ever stored under a token; no window is kept under it."""


class Window(NamedTuple):
    """All `readings` of a device later than `since_s`, as of `token`; `packed` is what recent.py makes of them."""

    token: int
    since_s: int
    readings: int
    packed: bytes


class WindowCache:
    """At most `most_readings` readings; the windows that were not touched for longest go first."""

    def __init__(self, most_readings: int) -> None:
        self._most_readings = most_readings
        self._readings = 0
        self._windows: dict[int, Window] = {}

    def __len__(self) -> int:
        return self._readings

    def find(self, asked: Iterable[tuple[int, int, int]]) -> list[bytes | None]:
        """What is kept of devices, asked for by id, token and `since_s`: None if of another token or too short."""
        windows = self._windows
        return [
            window.packed if (window := windows.get(device_id)) and window.token == token and window.since_s <= since_s
            else None
            for device_id, token, since_s in asked
        ]  # fmt: skip

    def keep(self, device_id: int, window: Window) -> None:
        """Keep a window in the place of the device's last one."""
        self.drop(device_id)
        if window.token != NO_TOKEN:
            self._windows[device_id] = window
            self._readings += window.readings
        while self._readings > self._most_readings:
            self.drop(next(iter(self._windows)))

    def drop(self, device_id: int) -> None:
        """Forget a device's window."""
        window = self._windows.pop(device_id, None)
        if window is not None:
            self._readings -= window.readings


def new_token() -> int:
    """A token nobody else has: drawn, because a sequence's number can come again after a crash."""
    return secrets.randbelow(2**63 - 1) + 1
