"""The interface of a transport. `rabbitmq` and `memory` implement it; tests/contract runs the same tests on both."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pacewatch.kit.messaging.envelope import Envelope


class Verdict(StrEnum):
    """The result of one delivery of an event to a handler."""

    DONE = "done"  # the effect is committed, by this delivery or an earlier one
    DEAD = "dead"  # the handler cannot process it: move it to the dead letters
    AGAIN = "again"  # a server was unavailable: deliver it again


Deliver = Callable[[Envelope], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of one handler, named `<service>.<handler>`, and the event types routed to it."""

    service: str
    handler: str
    types: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.service}.{self.handler}"

    @property
    def dead(self) -> str:
        """The name of its dead-letter queue."""
        return f"{self.name}.dead"


class Bus(Protocol):
    """At-least-once delivery of every confirmed event to every queue bound to its type."""

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return when the transport has confirmed every event; otherwise PublishError, which names the confirmed ones.

        An unroutable event is not confirmed: no queue holds it.
        """

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        """Call `deliver` for each event of `queue` until cancelled; raises when the connection is lost."""

    async def count_ready(self, queue: Queue) -> int:
        """How many events wait in `queue`, without those that a consumer has and has not acknowledged."""

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        """The dead letters, oldest first, including messages that are not events; they stay where they are."""

    async def redeliver(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        """Send dead letters back to their queue, each once; returns them."""

    async def close(self) -> None:
        """Close the connections."""
