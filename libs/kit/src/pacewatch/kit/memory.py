"""The in-process bus of `--target all`: a publish is confirmed when every bound handler has committed.

Nothing is held in memory that is not in PostgreSQL: an event stays in its outbox until then, and what no handler can
digest goes to the service's dead-letter table.
"""

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from pacewatch.kit import tables
from pacewatch.kit.bus import Deliver, Queue, Verdict
from pacewatch.kit.db import Database
from pacewatch.kit.envelope import Envelope
from pacewatch.kit.errors import PublishError


class MemoryBus:
    """Delivers to the handlers of this process; `queues` is the whole topology they belong to."""

    def __init__(self, database: Database, queues: Sequence[Queue]) -> None:
        self._database = database
        self._queues = tuple(queues)
        self._deliver: dict[str, Deliver] = {}

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            bound = [queue for queue in self._queues if envelope.type in queue.types]
            if not bound:
                raise PublishError(f"no queue takes {envelope.type}")
            await asyncio.gather(*(self._hand_over(queue, envelope) for queue in bound))

    async def _hand_over(self, queue: Queue, envelope: Envelope) -> None:
        deliver = self._deliver.get(queue.name)
        if deliver is None:
            raise PublishError(f"nobody consumes {queue.name} yet")
        verdict = await deliver(envelope)
        if verdict is Verdict.AGAIN:
            raise PublishError(f"{queue.name} could not take {envelope.id} now")
        if verdict is Verdict.DEAD:
            await self._put_aside(queue, envelope)

    async def _put_aside(self, queue: Queue, envelope: Envelope) -> None:
        row = insert(tables.dead_letters(queue.service)).values(
            queue=queue.name, event_id=envelope.id, headers=envelope.headers, data=envelope.data
        )
        async with self._database.transaction(queue.service) as session:
            await session.execute(row.on_conflict_do_nothing())

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        self._deliver[queue.name] = deliver
        try:
            await asyncio.Event().wait()
        finally:
            self._deliver.pop(queue.name, None)

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        table = tables.dead_letters(queue.service)
        query = sa.select(table.c.headers, table.c.data).where(table.c.queue == queue.name)
        async with self._database.transaction(queue.service) as session:
            rows = await session.execute(query.order_by(table.c.died_at).limit(limit))
            return [Envelope.from_headers(headers, data) for headers, data in rows]

    async def replay(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        letters = await self.dead_letters(queue, limit)
        table = tables.dead_letters(queue.service)
        for envelope in letters:
            async with self._database.transaction(queue.service) as session:
                same = (table.c.queue == queue.name) & (table.c.event_id == envelope.id)
                await session.execute(sa.delete(table).where(same))
                outbox = tables.outbox(queue.service)
                await session.execute(insert(outbox).values(**_row(envelope)).on_conflict_do_nothing())
        return letters

    async def close(self) -> None:
        self._deliver.clear()


def _row(envelope: Envelope) -> dict[str, object]:
    """The envelope as an outbox row: a replayed event is relayed like a new one, and other inboxes know it already."""
    names = ("id", "type", "subject", "time", "correlation_id", "causation_id", "schema_version", "data")
    return {name: getattr(envelope, name) for name in names}
