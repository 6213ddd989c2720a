"""A small test service on kit: one event, two handlers that store it, on either transport."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.base import Event
from pacewatch.kit.db import Database, Session, is_outage
from pacewatch.kit.messaging import tables
from pacewatch.kit.messaging.bus import Bus, Queue
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.kit.messaging.outbox import claim, count_waiting, emit
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.messaging.relay import Relay
from pacewatch.kit.module import Handler, bind
from pacewatch.kit.supervise import restart_forever
from pacewatch.kit.wakeup import Wakeups
from support.waiting import until


class Counted(Event):
    """A number was counted."""

    type: ClassVar[str] = "test.counted"
    n: int


class Unrouted(Event):
    """An event that no queue is bound to."""

    type: ClassVar[str] = "test.unrouted"
    n: int


async def on_counted(event: Counted, session: Session) -> None:
    """The effect: one row for each claimed delivery, so that a second effect is visible."""
    await session.execute(effects(session.info["service"]).insert().values(n=event.n))


async def on_counted_second(event: Counted, session: Session) -> None:
    await session.execute(effects(session.info["service"]).insert().values(n=-1 - event.n))


def effects(service: str) -> sa.TableClause:
    return sa.table("effects", sa.column("n"), schema=service)


@dataclass
class ServiceHarness:
    """A service with its own schema, two handlers of one event and a bus; `stop` ends all tasks that it started."""

    database: Database
    service: str
    bus: Bus
    handlers: tuple[Handler, ...]
    wakeups: Wakeups
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def queue(self) -> Queue:
        return self.handlers[0].queue

    def run(self, *loops: Callable[[], Awaitable[object]]) -> list[asyncio.Task[None]]:
        """Start background loops under supervision, as a process does."""
        started = [asyncio.create_task(restart_forever("test", loop)) for loop in loops]
        self.tasks += started
        return started

    def consume(self, handle: Callable[..., Awaitable[None]] | None = None, *, second: bool = True) -> None:
        """Consume the first queue with `handle`, and the second one with its own handler."""
        first_handler, second_handler = self.handlers
        if handle:
            first_handler = Handler(first_handler.queue, first_handler.events, handle)
        for handler in (first_handler, second_handler) if second else (first_handler,):
            self.run(lambda handler=handler: self.bus.consume(handler.queue, self.consumer(handler).deliver))  # type: ignore[misc]

    def consumer(self, handler: Handler | None = None) -> Consumer:
        return Consumer(self.database, handler or self.handlers[0])

    def relay(self, bus: Bus | None = None) -> Relay:
        return Relay(self.database, bus or self.bus, self.service, self.wakeups)

    def start(self, handle: Callable[..., Awaitable[None]] | None = None) -> None:
        """Run everything that a process runs: LISTEN, relay, both consumers."""
        self.consume(handle)
        self.run(self.wakeups.listen, self.relay().run)

    async def emit(self, *numbers: int) -> list[UUID]:
        async with self.database.transaction(self.service) as session:
            return [await emit(session, Counted(n=n)) for n in numbers]

    async def envelopes(self, *numbers: int) -> list[Envelope]:
        """Events as the relay would publish them, without leaving them in the outbox."""
        async with self.database.transaction(self.service) as session:
            for n in numbers:
                await emit(session, Counted(n=n))
            claimed = await claim(session, len(numbers))
            await session.rollback()
        return claimed

    async def effects(self) -> list[int]:
        """The numbers that the first handler stored, sorted; each is there once if every effect happened once.

        Tried again if the test has terminated the connection of this query.
        """
        for _ in range(5):
            try:
                return await self._effects()
            except sa.exc.DBAPIError as error:
                if not is_outage(error):
                    raise
        return await self._effects()

    async def _effects(self) -> list[int]:
        async with self.database.transaction(self.service) as session:
            table = effects(self.service)
            return sorted((await session.scalars(sa.select(table.c.n).where(table.c.n >= 0))).all())

    async def waiting(self) -> int:
        async with self.database.transaction(self.service) as session:
            return await count_waiting(session)

    async def until_effects(self, expected: Sequence[int]) -> None:
        async def all_stored() -> bool:
            return len(await self.effects()) >= len(expected)

        await until(all_stored, every_s=0.02)
        assert await self.effects() == sorted(expected)

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()


@asynccontextmanager
async def service_harness(
    database: Database, amqp_url: str = "", prefix: str = "", *, delete_queues: bool = True
) -> AsyncIterator[ServiceHarness]:
    """A service with a new name; over RabbitMQ if `amqp_url` is given, else on the in-process bus."""
    service = f"s{secrets.token_hex(4)}"
    handlers = bind(service, {on_counted: (Counted,), on_counted_second: (Counted,)})
    await create_tables(database, service)
    queues = [handler.queue for handler in handlers]
    bus = RabbitBus(amqp_url, queues, prefix=prefix) if amqp_url else MemoryBus(database, queues)
    harness = ServiceHarness(database, service, bus, handlers, Wakeups(database))
    try:
        yield harness
    finally:
        await harness.stop()
        await bus.close()
        if isinstance(bus, RabbitBus) and delete_queues:
            await bus.delete_topology()


async def create_tables(database: Database, service: str) -> None:
    async with database.transaction(service) as session:
        await session.execute(sa.text(f"CREATE SCHEMA {service}"))
        for statement in [*tables.statements(service), f"CREATE TABLE {service}.effects (n bigint)"]:
            await session.execute(sa.text(statement.replace(":", r"\:")))
