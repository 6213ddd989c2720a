"""What each service may do in PostgreSQL and RabbitMQ. `migrate` grants exactly this, and docs/rights.md shows it.

All but the readings of other services' tables follows from the contracts: a service has the schema of its name, sends
the events that it publishes, and receives from the queues of its handlers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pacewatch.contracts import topology
from pacewatch.launcher.runtime.modules import TARGETS, queues
from pacewatch.trainer_agent.data.source import VIEWS

# table or view -> columns; no columns: all
Reads = Mapping[str, tuple[str, ...]]

# Every process refuses revoked tokens and unknown keys, and counts what matters to security.
READS_OF_EVERY_SERVICE: Final[Reads] = {"gateway.revocations": (), "gateway.valid_api_keys": ()}
CALLS_OF_EVERY_SERVICE: Final = ("gateway.count_security_events",)
# The service that publishes asks the inbox of the one that consumes which events it never received.
HANDLED: Final = ("handler", "event_id", "done_at")
READS: Final[Mapping[str, Reads]] = {
    "ingest": {"inference.inbox": HANDLED},
    "inference": {"notifier.inbox": HANDLED, "ingest.device_names": ()},
    "notifier": {"ingest.device_names": ()},
    "registry": {"inference.inbox": HANDLED, "trainer_agent.inbox": HANDLED},
    "trainer_agent": dict.fromkeys(VIEWS, ()),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """One service: it reads and writes all tables of the schema `service`; everything that is not here is refused."""

    service: str
    reads: Reads
    calls: tuple[str, ...]
    sends: tuple[str, ...]
    receives: tuple[str, ...]


def rights() -> list[Rights]:
    """The rights of every service."""
    return [_rights(target.replace("-", "_")) for target in TARGETS]


def _rights(service: str) -> Rights:
    others = {**READS_OF_EVERY_SERVICE, **READS.get(service, {})}
    return Rights(
        service,
        reads={table: columns for table, columns in others.items() if not table.startswith(f"{service}.")},
        calls=tuple(name for name in CALLS_OF_EVERY_SERVICE if not name.startswith(f"{service}.")),
        sends=tuple(event.type for event in topology.PUBLISHERS.get(service, ())),
        receives=tuple(queue.name for queue in queues() if queue.service == service),
    )
