"""One process of several services with an account each in RabbitMQ: everything goes through the bus of its service."""

from collections.abc import Mapping, Sequence

from pacewatch.kit.messaging.bus import Bus, Deliver, Queue
from pacewatch.kit.messaging.envelope import Envelope


class BusOfServices:
    """A bus made of `buses`, by service."""

    def __init__(self, buses: Mapping[str, Bus]) -> None:
        self._buses = dict(buses)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        # A relay publishes the events of one service, and an event names its service as the source.
        for source in {envelope.source for envelope in envelopes}:
            bus = self._buses[source.rpartition("/")[2]]
            await bus.publish([envelope for envelope in envelopes if envelope.source == source])

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        await self._buses[queue.service].consume(queue, deliver)

    async def count_ready(self, queue: Queue) -> int:
        # Any account may count, and the consumer of the queue may be in another process.
        return await next(iter(self._buses.values())).count_ready(queue)

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        return await self._buses[queue.service].dead_letters(queue, limit)

    async def redeliver(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        return await self._buses[queue.service].redeliver(queue, limit)

    async def close(self) -> None:
        for bus in self._buses.values():
            await bus.close()
