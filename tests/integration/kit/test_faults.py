"""Servers that die, freeze and come back under load: the flow resumes, nothing is lost, nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import aio_pika
import pytest
import sqlalchemy as sa
from servers.own import OwnRabbitMQ
from support.chassis import Chassis, chassis
from support.waiting import until

from pacewatch.kit import rabbitmq
from pacewatch.kit.db import Database, is_gone
from pacewatch.kit.errors import PublishError
from pacewatch.kit.rabbitmq import RabbitBus

OwnBroker = Callable[[], Awaitable[OwnRabbitMQ]]


class Load:
    """Emits numbers one after the other, each once, and remembers which were committed for certain."""

    def __init__(self, it: Chassis) -> None:
        self._it = it
        self.emitted: list[int] = []
        self.unknown: list[int] = []

    async def run(self) -> None:
        for n in count():
            self.unknown.append(n)  # a connection lost at COMMIT does not say, and neither does a cancellation
            try:
                await self._it.emit(n)
            except Exception as error:
                assert is_gone(error), error
                await asyncio.sleep(0.05)
                continue
            self.emitted.append(self.unknown.pop())
            await asyncio.sleep(0.02)

    async def arrived(self) -> None:
        """Everything committed for certain took effect, nothing did twice, and nothing else did."""

        async def all_there() -> bool:
            return set(self.emitted) <= set(await self._it.effects())

        await until(all_there)
        effects = await self._it.effects()
        assert len(set(effects)) == len(effects)
        assert set(effects) <= {*self.emitted, *self.unknown}


@asynccontextmanager
async def under_load(it: Chassis) -> AsyncIterator[Load]:
    it.start()
    load = Load(it)
    task = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        task.cancel()
        (end,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(end, asyncio.CancelledError), end


async def until_more(it: Chassis) -> None:
    """Return when one more effect is there."""
    before = len(await it.effects())

    async def more() -> bool:
        return len(await it.effects()) > before

    await until(more)


async def test_a_broker_killed_under_load_and_restarted_loses_nothing_and_repeats_nothing(
    database: Database, own_rabbitmq: OwnBroker
) -> None:
    broker = await own_rabbitmq()
    async with chassis(database, broker.url, tidy=False) as it:
        async with under_load(it) as load:
            await asyncio.sleep(broker.SETTLED_S + 0.5)
            await broker.kill()
            await asyncio.sleep(0.5)
            await broker.start()
            await until_more(it)
        await load.arrived()
        assert await it.bus.dead_letters(it.queue) == []


async def test_a_frozen_broker_means_no_confirm_in_time_and_a_broken_wait_is_never_taken_for_one(
    database: Database, own_rabbitmq: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbitmq, "PUBLISH_TIMEOUT_S", 1.0)
    monkeypatch.setattr(rabbitmq, "CONNECT_TIMEOUT_S", 1.0)
    broker = await own_rabbitmq()
    async with chassis(database, broker.url, tidy=False) as it:
        it.consume()
        one, other = await it.envelopes(1, 2)
        await it.bus.publish([one])
        broker.freeze()
        waiting = asyncio.create_task(it.bus.publish([other]))
        await asyncio.sleep(0.2)
        await it.bus.close()  # what another relay does when its own publish fails
        with pytest.raises(PublishError) as error:
            await waiting
        assert error.value.confirmed == frozenset()
        with pytest.raises(PublishError):
            await it.bus.publish([other])
        it.run(it.relay().run)
        await it.emit(3)
        await asyncio.sleep(1)
        broker.thaw()

        async def flows() -> bool:
            return 3 in await it.effects()

        await until(flows)
        assert await it.effects() in ([1, 3], [1, 2, 3])  # what was frozen on its way may have arrived


async def test_backends_terminated_under_load_lose_nothing_and_repeat_nothing(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, amqp_prefix: str
) -> None:
    database = Database(await new_database())
    try:
        async with chassis(database, amqp_url, amqp_prefix) as it:
            async with under_load(it) as load:
                for _ in range(4):
                    await asyncio.sleep(0.4)
                    await terminate_backends(database)
                await until_more(it)
            await load.arrived()
            assert await it.bus.dead_letters(it.queue) == []
    finally:
        await database.close()


async def terminate_backends(database: Database) -> None:
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    connection = await database.dsn_connection()
    await connection.execute(query)
    await connection.close()


async def test_after_a_restart_of_postgresql_no_transaction_meets_a_connection_from_before(
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
async def rabbit(database: Database, amqp_url: str, amqp_prefix: str) -> AsyncIterator[Chassis]:
    async with chassis(database, amqp_url, amqp_prefix) as it:
        yield it


async def test_a_consumer_whose_queue_was_deleted_declares_it_again(
    rabbit: Chassis, amqp_url: str, amqp_prefix: str
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
        {"cloudEvents:id": "no uuid"},
        {
            "cloudEvents:id": 5,
            "cloudEvents:time": "0001-01-01T00:00:00+23:59",
            "cloudEvents:dataschema": "x.v" + "9" * 99,
        },
    ],
)
async def test_a_message_that_is_no_event_is_put_aside_listed_and_replayed_as_it_was(
    rabbit: Chassis, amqp_url: str, amqp_prefix: str, headers: dict[str, object]
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
    (letter,) = await rabbit.bus.replay(rabbit.queue)
    assert (letter.data, letter.type) == (b"\xff\x00", "")
    await until(dead)
    await rabbit.emit(2)
    await rabbit.until_effects([1, 2])


async def test_a_process_that_publishes_before_any_consumer_ever_ran_finds_the_queues_it_needs(
    rabbit: Chassis,
) -> None:
    await rabbit.bus.publish(await rabbit.envelopes(1))
    rabbit.consume()
    await rabbit.until_effects([1])


async def test_a_server_that_is_not_there_is_an_unconfirmed_publish(rabbit: Chassis) -> None:
    nowhere = RabbitBus("amqp://guest:guest@127.0.0.1:1/", [rabbit.queue])
    with pytest.raises(PublishError, match="does not answer"):
        await nowhere.publish(await rabbit.envelopes(1))


async def test_a_publish_that_somebody_else_cancelled_is_not_confirmed(
    rabbit: Chassis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What aio-pika does to a publish whose channel closes under it."""

    async def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(rabbitmq, "_publish", cancelled)
    with pytest.raises(PublishError) as error:
        await rabbit.bus.publish(await rabbit.envelopes(1))
    assert error.value.confirmed == frozenset()
