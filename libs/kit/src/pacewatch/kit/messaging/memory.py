"""The in-process bus of `--target all`: a publish is confirmed when every bound handler has committed.

PostgreSQL holds everything: an event stays in its outbox until it is confirmed, and an event that a handler cannot
process goes to the dead-letter table of the service.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from pacewatch.kit.db import Database
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.bus import Deliver, Queue, Verdict
from pacewatch.kit.messaging.envelope import Envelope

# Deliveries at a time per queue: a poison event must not block the events behind it.
CONCURRENCY: Final = 4


class MemoryBus:
    """Delivers to the handlers of this process; `queues` are all queues of the platform."""

    def __init__(self, database: Database, queues: Sequence[Queue]) -> None:
        self._database = database
        self._queues = tuple(queues)
        self._consumers: dict[str, list[Deliver]] = {queue.name: [] for queue in queues}
        self._slots = {queue.name: asyncio.Semaphore(CONCURRENCY) for queue in queues}

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        failures = await asyncio.gather(*(self._deliver_to_all(envelope) for envelope in envelopes))
        if any(failures):
            confirmed = frozenset(one.id for one, reason in zip(envelopes, failures, strict=True) if not reason)
            raise PublishError("; ".join(sorted(set(filter(None, failures)))), confirmed)

    async def _deliver_to_all(self, envelope: Envelope) -> str:
        """Why the event is not confirmed; empty if it is."""
        bound = [queue for queue in self._queues if envelope.type in queue.types]
        if not bound:
            return f"no queue is bound to {envelope.type}"
        reasons = await asyncio.gather(*(self._deliver(queue, envelope) for queue in bound))
        return "; ".join(filter(None, reasons))

    async def _deliver(self, queue: Queue, envelope: Envelope) -> str:
        async with self._slots[queue.name]:
            consumers = self._consumers[queue.name]
            if not consumers:
                return f"{queue.name} has no consumer yet"
            consumers.append(consumers.pop(0))  # round robin
            try:
                verdict = await consumers[-1](envelope)
                if verdict is Verdict.DEAD:
                    await self._store_dead_letter(queue, envelope)
            except Exception as error:
                return f"{queue.name}: {type(error).__name__}: {error}"
        return f"{queue.name} could not process it now" if verdict is Verdict.AGAIN else ""

    async def _store_dead_letter(self, queue: Queue, envelope: Envelope) -> None:
        row = insert(tables.dead_letters(queue.service)).values(
            queue=queue.name, event_id=envelope.id, headers=envelope.headers, data=envelope.data
        )
        async with self._database.transaction(queue.service) as session:
            await session.execute(row.on_conflict_do_nothing())

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        self._consumers[queue.name].append(deliver)
        try:
            await asyncio.Event().wait()
        finally:
            self._consumers[queue.name].remove(deliver)

    async def count_ready(self, queue: Queue) -> int:  # noqa: ARG002 - of the interface
        """None: an event waits in its outbox until every handler has committed."""
        return 0

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        table = tables.dead_letters(queue.service)
        query = sa.select(table.c.headers, table.c.data).where(table.c.queue == queue.name)
        async with self._database.transaction(queue.service) as session:
            rows = await session.execute(query.order_by(table.c.died_at).limit(limit))
            return [Envelope.from_headers(headers, data) for headers, data in rows]

    async def redeliver(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        """Through the outbox: the relay publishes the event again, and the inboxes of other handlers ignore it."""
        letters = await self.dead_letters(queue, limit)
        dead, outbox = tables.dead_letters(queue.service), tables.outbox(queue.service)
        async with self._database.transaction(queue.service) as session:
            for letter in letters:
                same = (dead.c.queue == queue.name) & (dead.c.event_id == letter.id)
                await session.execute(sa.delete(dead).where(same))
                await session.execute(insert(outbox).values(**_row(letter)).on_conflict_do_nothing())
        return letters

    async def close(self) -> None:
        """Nothing to close: consumers end when they are cancelled."""


def _row(envelope: Envelope) -> dict[str, object]:
    names = ("id", "type", "subject", "time", "correlation_id", "causation_id", "schema_version", "data")
    return {name: getattr(envelope, name) for name in names}
