"""The RabbitMQ transport: quorum queues, confirmed and mandatory publishes, a dead-letter queue for every queue.

Connections are plain, not self-healing: when one is lost its user fails, and starts over from the declaration. That is
one path for first start, restart and outage alike. Publishing and consuming have a connection each, because a resource
alarm blocks publishers and must not stop consumers.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage

from pacewatch.kit import logs
from pacewatch.kit.bus import Deliver, Queue, Verdict
from pacewatch.kit.envelope import CONTENT_TYPE, Envelope, MalformedEnvelope
from pacewatch.kit.errors import PublishError

# A publish under a disk alarm hangs while the connection looks healthy.
PUBLISH_TIMEOUT_S: Final = 10.0
# Small: a process that dies hands back few deliveries, and each counts against the limit below.
PREFETCH: Final = 8
# Only a delivery that kills its process again and again gets here; what a handler refuses is counted in the inbox.
DELIVERY_LIMIT: Final = 50

log = logs.get(__name__)


class RabbitBus:
    """`queues` is the whole topology: every process declares all of it, so no event is ever unroutable."""

    def __init__(self, url: str, queues: Sequence[Queue], *, prefix: str = "", prefetch: int = PREFETCH) -> None:
        self._url = url
        self._queues = tuple(queues)
        self._prefix = prefix
        self._prefetch = prefetch
        self._publisher: tuple[AbstractConnection, AbstractExchange] | None = None
        self._publisher_lock = asyncio.Lock()

    # -- publishing

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        exchange = await self._exchange()
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT_S):
                async with asyncio.TaskGroup() as group:
                    for envelope in envelopes:
                        group.create_task(_publish(exchange, envelope.type, envelope))
        except asyncio.CancelledError:
            # aio-pika cancels a pending publish when its connection breaks, though nobody cancelled this task.
            await self._drop_publisher()
            if _is_cancelled():
                raise
            raise PublishError("the connection broke before the broker confirmed") from None
        except (ExceptionGroup, TimeoutError) as error:
            await self._drop_publisher()
            raise PublishError(f"the broker did not confirm: {_reason(error)}") from error

    async def _exchange(self) -> AbstractExchange:
        async with self._publisher_lock:
            if self._publisher is None or self._publisher[0].is_closed:
                try:
                    connection = await self._connect("publisher")
                    self._publisher = (connection, await self._declare(await _confirming_channel(connection)))
                except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
                    raise PublishError(f"RabbitMQ does not answer: {error}") from error
            return self._publisher[1]

    async def _drop_publisher(self) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await _close_quietly(publisher[0])

    # -- consuming

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        connection = await self._connect(queue.name)
        try:
            channel = await connection.channel()
            await self._declare(channel)
            await channel.set_qos(prefetch_count=self._prefetch)
            source = await channel.get_queue(self._prefix + queue.name, ensure=False)
            async with asyncio.TaskGroup() as group:
                await source.consume(lambda message: _start(group, _take(message, deliver)))
                log.info("consumer_started", queue=queue.name)
                await channel.closed()
                raise ConnectionError(f"the connection of {queue.name} is gone")
        finally:
            await _close_quietly(connection)

    # -- dead letters

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        letters: list[Envelope] = []
        async with await self._connect("dead-letters") as connection:
            # Closing the connection gives every unacknowledged message back, in its old place.
            source = await (await connection.channel()).get_queue(self._prefix + queue.dead, ensure=False)
            while len(letters) < limit and (message := await source.get(fail=False)) is not None:
                letters.append(_open(message))
        return letters

    async def replay(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        replayed: list[Envelope] = []
        async with await self._connect("replay") as connection:
            channel = await _confirming_channel(connection)
            source = await channel.get_queue(self._prefix + queue.dead, ensure=False)
            while len(replayed) < limit and (message := await source.get(fail=False)) is not None:
                envelope = _open(message)
                await _publish(channel.default_exchange, self._prefix + queue.name, envelope)
                await message.ack()
                replayed.append(envelope)
        return replayed

    async def close(self) -> None:
        await self._drop_publisher()

    # -- topology

    async def _connect(self, name: str) -> AbstractConnection:
        return await aio_pika.connect(self._url, timeout=10, client_properties={"connection_name": f"pacewatch {name}"})

    async def _declare(self, channel: AbstractChannel) -> AbstractExchange:
        """The topic exchange, and per queue: itself, its dead letters, its bindings. Declaring twice is harmless."""
        exchange = await channel.declare_exchange(f"{self._prefix}pacewatch", aio_pika.ExchangeType.TOPIC, durable=True)
        dead = await channel.declare_exchange(
            f"{self._prefix}pacewatch.dead", aio_pika.ExchangeType.DIRECT, durable=True
        )
        for queue in self._queues:
            name = self._prefix + queue.name
            graveyard = await channel.declare_queue(
                self._prefix + queue.dead, durable=True, arguments={"x-queue-type": "quorum"}
            )
            await graveyard.bind(dead, routing_key=name)
            declared = await channel.declare_queue(name, durable=True, arguments=_arguments(dead.name, name))
            for event_type in queue.types:
                await declared.bind(exchange, routing_key=event_type)
        return exchange

    async def delete_topology(self) -> None:
        """Remove every exchange and queue of this prefix, with what is in them: for tests and demos that end."""
        async with await self._connect("cleaner") as connection:
            channel = await connection.channel()
            for queue in self._queues:
                await channel.queue_delete(self._prefix + queue.name)
                await channel.queue_delete(self._prefix + queue.dead)
            for exchange in ("pacewatch", "pacewatch.dead"):
                await channel.exchange_delete(self._prefix + exchange)


def _arguments(dead_exchange: str, name: str) -> dict[str, Any]:
    # At-least-once dead-lettering works only with reject-publish; the default may lose a dead letter on the way.
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": dead_exchange,
        "x-dead-letter-routing-key": name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def _confirming_channel(connection: AbstractConnection) -> AbstractChannel:
    # Without on_return_raises an unroutable message counts as confirmed.
    return await connection.channel(publisher_confirms=True, on_return_raises=True)


async def _publish(exchange: AbstractExchange, routing_key: str, envelope: Envelope) -> None:
    message = aio_pika.Message(
        envelope.data,
        headers=dict(envelope.headers),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(envelope.id),
        correlation_id=envelope.correlation_id,
        type=envelope.type,
        timestamp=envelope.time,
        app_id="pacewatch",
    )
    await exchange.publish(message, routing_key=routing_key, mandatory=True)


async def _take(message: AbstractIncomingMessage, deliver: Deliver) -> None:
    try:
        verdict = await deliver(_open(message))
    except MalformedEnvelope as error:
        log.error("message_malformed", message_id=message.message_id, reason=str(error))
        verdict = Verdict.DEAD
    try:
        if verdict is Verdict.DONE:
            await message.ack()
        else:
            await message.reject(requeue=verdict is Verdict.AGAIN)
    except (aio_pika.exceptions.AMQPError, aio_pika.exceptions.ChannelInvalidStateError, ConnectionError) as error:
        # The broker delivers again on the next connection, and the inbox knows what is done.
        log.warning("acknowledge_failed", message_id=message.message_id, reason=str(error))


def _open(message: AbstractIncomingMessage) -> Envelope:
    return Envelope.from_headers(dict(message.headers), message.body)


async def _start(group: asyncio.TaskGroup, work: Any) -> None:
    group.create_task(work)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _reason(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(sorted({_reason(inner) for inner in error.exceptions}))
    return f"{type(error).__name__} {error}".strip()


async def _close_quietly(connection: AbstractConnection) -> None:
    try:
        await asyncio.shield(connection.close())
    except (aio_pika.exceptions.AMQPError, ConnectionError, RuntimeError) as error:
        log.debug("connection_close_failed", reason=str(error))
