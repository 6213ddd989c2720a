"""A missing binding is made again; a missing queue holds back its own events alone."""

from collections.abc import AsyncIterator

import aio_pika
import pytest
from support.service_harness import Counted, ServiceHarness, Unrouted, service_harness
from support.waiting import until

from pacewatch.kit.db import Database
from pacewatch.kit.messaging import outbox, rabbitmq, relay
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.outbox import emit

pytestmark = pytest.mark.servers


@pytest.fixture
async def harness(database: Database, amqp_url: str, amqp_prefix: str) -> AsyncIterator[ServiceHarness]:
    async with service_harness(database, amqp_url, amqp_prefix) as harness:
        yield harness


async def test_a_missing_binding_is_made_again(
    harness: ServiceHarness, amqp_url: str, amqp_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.emit(1)
    await harness.relay().flush_once()
    async with await aio_pika.connect(amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(amqp_prefix + harness.queue.name)
        await queue.unbind(f"{amqp_prefix}pacewatch", Counted.type)
    monkeypatch.setattr(rabbitmq, "BIND_AGAIN_S", 0.0)
    await harness.emit(2)
    await harness.relay().flush_once()
    harness.consume()
    await harness.until_effects([1, 2])


async def test_one_missing_queue_stops_neither_other_events_nor_other_consumers(
    harness: ServiceHarness, amqp_url: str, amqp_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an account that may not declare; `migrate` declares the queue, and what waited for it flows."""
    lost = Queue(harness.service, "lost", (Unrouted.type,))
    declarer = rabbitmq.RabbitBus(amqp_url, [harness.queue, lost], prefix=amqp_prefix)
    bus = rabbitmq.RabbitBus(amqp_url, [harness.queue, lost], prefix=amqp_prefix, declares=False)
    await declarer.declare_topology()
    async with await aio_pika.connect(amqp_url) as connection:
        await (await connection.channel()).queue_delete(amqp_prefix + lost.name)
    monkeypatch.setattr(rabbitmq, "LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr(relay, "HOLD_S", 0.3)
    async with harness.database.transaction(harness.service) as session:
        await outbox.emit_all(session, [Unrouted(n=n) for n in range(relay.BATCH + 1)])
        await emit(session, Counted(n=1))
    harness.bus = bus
    harness.consume(second=False)
    harness.run(harness.relay().run)
    try:
        await harness.until_effects([1])
        assert await harness.waiting() == relay.BATCH + 1
        await declarer.declare_topology()

        async def all_flowed() -> bool:
            return await harness.waiting() == 0 and await bus.count_ready(lost) == relay.BATCH + 1

        await until(all_flowed)
    finally:
        await harness.stop()
        await bus.close()
        await declarer.delete_topology()
