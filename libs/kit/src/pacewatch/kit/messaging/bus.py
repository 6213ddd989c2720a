"""What every transport promises; `rabbitmq` and `memory` keep it, and one contract suite holds them to it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pacewatch.kit.messaging.envelope import Envelope


class Verdict(StrEnum):
    """What became of a delivery."""

    DONE = "done"  # the effect is committed, now or by an earlier delivery
    DEAD = "dead"  # nobody can digest it: put it aside and go on
    AGAIN = "again"  # a server was not there: deliver it once more


Deliver = Callable[[Envelope], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True)
class Queue:
    """One handler's queue: `<service>.<handler>`, and the event types routed to it."""

    service: str
    handler: str
    types: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.service}.{self.handler}"

    @property
    def dead(self) -> str:
        """Its dead-letter queue."""
        return f"{self.name}.dead"


class Bus(Protocol):
    """At-least-once delivery of every confirmed event to every queue bound to its type."""

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Return when every event is safe with the transport; else PublishError, which tells those that are.

        Unroutable events are not safe: no queue holds them.
        """

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        """Feed `queue` to `deliver` until cancelled; raises when the transport is lost, to be called again."""

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        """Look at what was put aside, oldest first, and leave it there; what is no event of ours is told as well."""

    async def redeliver(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        """Put dead letters back on their queue, each once; returns those that went back."""

    async def close(self) -> None:
        """Let go of the transport."""
