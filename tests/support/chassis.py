"""A service of the tests' own on the chassis: one event, handlers that count, on either transport."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa

from pacewatch.contracts.base import Event
from pacewatch.kit import tables
from pacewatch.kit.bus import Bus, Queue
from pacewatch.kit.consumer import Consumer
from pacewatch.kit.db import Database, Session, is_gone
from pacewatch.kit.envelope import Envelope
from pacewatch.kit.memory import MemoryBus
from pacewatch.kit.module import Handler, bind
from pacewatch.kit.outbox import claim, emit, waiting
from pacewatch.kit.rabbitmq import RabbitBus
from pacewatch.kit.relay import Relay
from pacewatch.kit.supervise import forever
from pacewatch.kit.wakeup import Wakeups
from support.waiting import until


class Counted(Event):
    """A number was counted."""

    type: ClassVar[str] = "test.counted"
    n: int


class Unheard(Event):
    """Something no queue takes."""

    type: ClassVar[str] = "test.unheard"
    n: int


async def on_counted(event: Counted, session: Session) -> None:
    """The effect: one row a delivery that was admitted, so that a second effect would show."""
    await session.execute(effects(session.info["service"]).insert().values(n=event.n))


async def on_counted_too(event: Counted, session: Session) -> None:
    await session.execute(effects(session.info["service"]).insert().values(n=-1 - event.n))


def effects(service: str) -> sa.TableClause:
    return sa.table("effects", sa.column("n"), schema=service)


@dataclass
class Chassis:
    """A service with its schema, two handlers of one event, and a bus; what it starts ends with `stop`."""

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
        """Start background loops as a process does."""
        started = [asyncio.create_task(forever("test", loop)) for loop in loops]
        self.tasks += started
        return started

    def consume(self, handle: Callable[..., Awaitable[None]] | None = None, *, other: bool = True) -> None:
        """Consume the first queue with `handle`, and the other one with what it is for."""
        first, second = self.handlers
        mine = Handler(first.queue, first.events, handle) if handle else first
        for handler in (mine, second) if other else (mine,):
            self.run(lambda handler=handler: self.bus.consume(handler.queue, self.consumer(handler).deliver))  # type: ignore[misc]

    def consumer(self, handler: Handler | None = None) -> Consumer:
        return Consumer(self.database, handler or self.handlers[0])

    def relay(self, bus: Bus | None = None) -> Relay:
        return Relay(self.database, bus or self.bus, self.service, self.wakeups)

    def start(self, handle: Callable[..., Awaitable[None]] | None = None) -> None:
        """The whole process: LISTEN, relay, both consumers."""
        self.consume(handle)
        self.run(self.wakeups.listen, self.relay().run)

    async def emit(self, *numbers: int) -> list[UUID]:
        async with self.database.transaction(self.service) as session:
            return [await emit(session, Counted(n=n)) for n in numbers]

    async def envelopes(self, *numbers: int) -> list[Envelope]:
        """Events as the relay would take them to the bus, without leaving them in the outbox."""
        async with self.database.transaction(self.service) as session:
            for n in numbers:
                await emit(session, Counted(n=n))
            taken = await claim(session, len(numbers))
            await session.rollback()
        return taken

    async def effects(self) -> list[int]:
        """What the first handler did, in order of the numbers; each number once when all is well.

        Asked again when the test itself has terminated the connection it asks on.
        """
        for _ in range(5):
            try:
                return await self._effects()
            except sa.exc.DBAPIError as error:
                if not is_gone(error):
                    raise
        return await self._effects()

    async def _effects(self) -> list[int]:
        async with self.database.transaction(self.service) as session:
            table = effects(self.service)
            return sorted((await session.scalars(sa.select(table.c.n).where(table.c.n >= 0))).all())

    async def waiting(self) -> int:
        async with self.database.transaction(self.service) as session:
            return await waiting(session)

    async def until_effects(self, expected: Sequence[int]) -> None:
        async def there() -> bool:
            return len(await self.effects()) >= len(expected)

        await until(there, every_s=0.02)
        assert await self.effects() == sorted(expected)

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()


@asynccontextmanager
async def chassis(
    database: Database, amqp_url: str = "", prefix: str = "", *, tidy: bool = True
) -> AsyncIterator[Chassis]:
    """A service of a new name; over RabbitMQ if there is an address, else in this process."""
    service = f"s{secrets.token_hex(4)}"
    handlers = bind(service, {on_counted: (Counted,), on_counted_too: (Counted,)})
    await create_tables(database, service)
    queues = [handler.queue for handler in handlers]
    bus = RabbitBus(amqp_url, queues, prefix=prefix) if amqp_url else MemoryBus(database, queues)
    it = Chassis(database, service, bus, handlers, Wakeups(database))
    try:
        yield it
    finally:
        await it.stop()
        await bus.close()
        if isinstance(bus, RabbitBus) and tidy:
            await bus.delete_topology()


async def create_tables(database: Database, service: str) -> None:
    async with database.transaction(service) as session:
        await session.execute(sa.text(f"CREATE SCHEMA {service}"))
        for statement in [*tables.statements(service), f"CREATE TABLE {service}.effects (n bigint)"]:
            await session.execute(sa.text(statement.replace(":", r"\:")))
