"""What matters to security in this process: refused requests and uses of API keys, counted until somebody stores them.

A request only counts in memory. The launcher stores the counts every second, so a flood of refusals becomes one row.
"""

from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

from fastapi import Request

from pacewatch.kit import logs, metrics

MAX_WAITING: Final = 10_000
MAX_ADDRESS_CHARS: Final = 64
# A host gets so many addresses of IPv6 that it could take a new one for each request.
_IPV6_PREFIX: Final = 64

log = logs.get(__name__)


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
        self._has_dropped = False

    def add(self, note: SecurityNote, count: int = 1) -> None:
        """Count the note; one of a kind never seen before is dropped, and counted as such, while too many wait."""
        if note in self._counts or len(self._counts) < MAX_WAITING:
            self._counts[note] += count
            return
        metrics.SECURITY_NOTES_DROPPED.inc(count)
        if not self._has_dropped:  # one line until the next `take`: these come in floods
            log.warning("security_notes_dropped", waiting=len(self._counts))
        self._has_dropped = True

    def take(self) -> Counter[SecurityNote]:
        """What has been counted since the last call."""
        taken, self._counts, self._has_dropped = self._counts, Counter(), False
        return taken


def client_address(request: Request) -> str:
    """The address of the client, behind proxies that the settings name."""
    return request.client.host[:MAX_ADDRESS_CHARS] if request.client else ""


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), _IPV6_PREFIX), strict=False))


def note(request: Request, kind: str, detail: str = "", count: int = 1) -> None:
    """Count `kind` for the caller of this request, once or several times."""
    principal = getattr(request.state, "principal", None)
    actor = principal.name if principal is not None else ""
    found = SecurityNote(kind, actor, network_of(client_address(request)), detail)
    request.app.state.security_notes.add(found, count)


def note_refusal(request: Request, code: str) -> None:
    """Count a refused request by its route: a client must not be able to write texts of its own."""
    route = getattr(request.scope.get("route"), "path", "unmatched")
    note(request, "refused", f"{code} {request.method} {route}")
