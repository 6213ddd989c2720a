"""What matters to security in this process: refused requests and uses of API keys, counted until somebody stores them.

A request only counts in memory. The launcher stores the counts every second, so a flood of refusals becomes one row.
"""

from collections import Counter
from typing import Final, NamedTuple

from fastapi import Request

MAX_WAITING: Final = 10_000
MAX_ADDRESS_CHARS: Final = 64


class SecurityNote(NamedTuple):
    """What happened, who did it, from which address."""

    kind: str
    actor: str
    address: str
    detail: str


class SecurityNotes:
    """Counts by note, at most MAX_WAITING of them: a client cannot fill the memory."""

    def __init__(self) -> None:
        self._counts: Counter[SecurityNote] = Counter()

    def add(self, note: SecurityNote, count: int = 1) -> None:
        """Count the note; one of a kind never seen before is dropped while too many wait."""
        if note in self._counts or len(self._counts) < MAX_WAITING:
            self._counts[note] += count

    def take(self) -> Counter[SecurityNote]:
        """What has been counted since the last call."""
        taken, self._counts = self._counts, Counter()
        return taken


def client_address(request: Request) -> str:
    """The address of the client, behind proxies that the settings name."""
    return request.client.host[:MAX_ADDRESS_CHARS] if request.client else ""


def note(request: Request, kind: str, detail: str = "") -> None:
    """Count `kind` for the caller of this request."""
    principal = getattr(request.state, "principal", None)
    actor = principal.name if principal is not None else ""
    request.app.state.security_notes.add(SecurityNote(kind, actor, client_address(request), detail))


def note_refusal(request: Request, code: str) -> None:
    """Count a refused request by its route: a client must not be able to write texts of its own."""
    route = getattr(request.scope.get("route"), "path", "unmatched")
    note(request, "refused", f"{code} {request.method} {route}")
