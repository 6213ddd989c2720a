"""Servers that die, freeze and restart under load: processing resumes, no event is lost, none takes effect twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import aio_pika
import pytest
import sqlalchemy as sa
from servers.own import OwnRabbitMQ
from support.service_harness import ServiceHarness, service_harness
from support.waiting import until

from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import confirms, rabbitmq
from pacewatch.kit.messaging.rabbitmq import RabbitBus

pytestmark = pytest.mark.early

OwnBroker = Callable[[], Awaitable[OwnRabbitMQ]]


class Load:
    """Emits numbers in order, each once, and remembers which were certainly committed."""

    def __init__(self, harness: ServiceHarness) -> None:
        self._harness = harness
        self.emitted: list[int] = []
        self.unknown: list[int] = []

    async def run(self) -> None:
        for n in count():
            self.unknown.append(n)  # after a connection lost at COMMIT, or a cancellation, the result is unknown
            try:
                await self._harness.emit(n)
            except Exception as error:
                assert is_outage(error), error
                await asyncio.sleep(0.05)
                continue
            self.emitted.append(self.unknown.pop())
            await asyncio.sleep(0.02)

    async def arrived(self) -> None:
        """Every event that was certainly committed took effect, none took effect twice, and no other did."""

        async def all_arrived() -> bool:
            return set(self.emitted) <= set(await self._harness.effects())

        await until(all_arrived)
        effects = await self._harness.effects()
        assert len(set(effects)) == len(effects)
        assert set(effects) <= {*self.emitted, *self.unknown}


@asynccontextmanager
async def under_load(harness: ServiceHarness) -> AsyncIterator[Load]:
    harness.start()
    load = Load(harness)
    task = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        task.cancel()
        (end,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError), end


async def until_more(harness: ServiceHarness) -> None:
    """Return when one more event has taken effect."""
    before = len(await harness.effects())

    async def more() -> bool:
        return len(await harness.effects()) > before

    await until(more)


async def test_a_broker_killed_and_restarted_under_load_loses_and_repeats_nothing(
    database: Database, own_rabbitmq: OwnBroker
) -> None:
    broker = await own_rabbitmq()
    async with service_harness(database, broker.url, delete_queues=False) as harness:
        async with under_load(harness) as load:
            await asyncio.sleep(broker.SETTLED_S + 0.5)
            await broker.kill()
            await asyncio.sleep(0.5)
            await broker.start()
            await until_more(harness)
        await load.arrived()
        assert await harness.bus.dead_letters(harness.queue) == []


async def test_a_frozen_broker_confirms_nothing_and_a_broken_wait_is_not_a_confirm(
    database: Database, own_rabbitmq: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirms, "PUBLISH_TIMEOUT_S", 1.0)
    monkeypatch.setattr(rabbitmq, "CONNECT_TIMEOUT_S", 1.0)
    broker = await own_rabbitmq()
    async with service_harness(database, broker.url, delete_queues=False) as harness:
        harness.consume()
        one, other = await harness.envelopes(1, 2)
        await harness.bus.publish([one])
        broker.freeze()
        waiting = asyncio.create_task(harness.bus.publish([other]))
        await asyncio.sleep(0.2)
        await harness.bus.close()  # another relay does this when its own publish fails
        with pytest.raises(PublishError) as error:
            await waiting
        assert error.value.confirmed == frozenset()
        with pytest.raises(PublishError):
            await harness.bus.publish([other])
        harness.run(harness.relay().run)
        await harness.emit(3)
        await asyncio.sleep(1)
        broker.thaw()

        async def processing_resumed() -> bool:
            return 3 in await harness.effects()

        await until(processing_resumed)
        assert await harness.effects() in ([1, 3], [1, 2, 3])  # the frozen broker may have received it


async def test_terminated_backends_under_load_lose_and_repeat_nothing(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, amqp_prefix: str
) -> None:
    database = Database(await new_database())
    try:
        async with service_harness(database, amqp_url, amqp_prefix) as harness:
            async with under_load(harness) as load:
                for _ in range(4):
                    await asyncio.sleep(0.4)
                    await terminate_backends(database)
                await until_more(harness)
            await load.arrived()
            assert await harness.bus.dead_letters(harness.queue) == []
    finally:
        await database.close()


async def terminate_backends(database: Database) -> None:
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection = await database.dedicated_connection()
    await connection.execute(query)
    await connection.close()


async def test_after_a_restart_of_postgresql_no_transaction_gets_an_old_connection(
    new_database: Callable[[], Awaitable[str]],
) -> None:
    database = Database(await new_database())
    try:
        await asyncio.gather(*(database.ping() for _ in range(8)))
        await terminate_backends(database)
        await asyncio.sleep(0.2)
        for _ in range(8):
            async with database.transaction("any") as session:
                await session.execute(sa.text("SELECT 1"))
    finally:
        await database.close()


@pytest.fixture
async def rabbit(database: Database, amqp_url: str, amqp_prefix: str) -> AsyncIterator[ServiceHarness]:
    async with service_harness(database, amqp_url, amqp_prefix) as harness:
        yield harness


async def test_a_consumer_declares_its_deleted_queue_again(
    rabbit: ServiceHarness, amqp_url: str, amqp_prefix: str
) -> None:
    rabbit.start()
    await rabbit.emit(1)
    await rabbit.until_effects([1])
    async with await aio_pika.connect(amqp_url) as connection:
        await (await connection.channel()).queue_delete(amqp_prefix + rabbit.queue.name)
    await asyncio.sleep(1)
    await rabbit.emit(2)
    await rabbit.until_effects([1, 2])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cloudEvents:specversion": "1.0", "cloudEvents:id": "without source and type"},
        {
            "cloudEvents:specversion": "1.0",
            "cloudEvents:id": 5,
            "cloudEvents:time": "0001-01-01T00:00:00+23:59",
            "cloudEvents:dataschema": "x.v" + "9" * 99,
        },
    ],
)
async def test_a_message_that_is_not_an_event_is_dead_lettered_listed_and_redelivered_unchanged(
    rabbit: ServiceHarness, amqp_url: str, amqp_prefix: str, headers: dict[str, object]
) -> None:
    rabbit.start()
    await rabbit.emit(1)
    await rabbit.until_effects([1])
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        message = aio_pika.Message(b"\xff\x00", headers=headers)  # type: ignore[arg-type]
        await channel.default_exchange.publish(message, routing_key=amqp_prefix + rabbit.queue.name)

    async def dead() -> bool:
        return len(await rabbit.bus.dead_letters(rabbit.queue)) == 1

    await until(dead)
    (letter,) = await rabbit.bus.redeliver(rabbit.queue)
    assert (letter.data, letter.type) == (b"\xff\x00", "")
    await until(dead)
    await rabbit.emit(2)
    await rabbit.until_effects([1, 2])


async def test_an_event_published_before_any_consumer_ran_waits_in_its_queue(
    rabbit: ServiceHarness,
) -> None:
    await rabbit.bus.publish(await rabbit.envelopes(1))
    rabbit.consume()
    await rabbit.until_effects([1])


async def test_an_unreachable_broker_is_an_unconfirmed_publish(rabbit: ServiceHarness) -> None:
    unreachable = RabbitBus("amqp://guest:guest@127.0.0.1:1/", [rabbit.queue])
    with pytest.raises(PublishError, match="does not answer"):
        await unreachable.publish(await rabbit.envelopes(1))


async def test_a_publish_cancelled_by_aio_pika_is_not_confirmed(
    rabbit: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aio-pika cancels a pending publish when its channel closes."""

    async def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(confirms, "_publish", cancelled)
    with pytest.raises(PublishError) as error:
        await rabbit.bus.publish(await rabbit.envelopes(1))
    assert error.value.confirmed == frozenset()
