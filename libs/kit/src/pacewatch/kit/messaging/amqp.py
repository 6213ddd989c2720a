"""AMQP encoding of events and queues: messages, queue arguments, bindings. `rabbitmq` decides when to use them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue

from pacewatch.kit import logs
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.envelope import CONTENT_TYPE, Envelope, MalformedEnvelope

# Only a message that kills its process again and again reaches this limit; the inbox counts failures of handlers.
DELIVERY_LIMIT: Final = 50
# A frozen broker must not delay the next attempt, or the end of the process, by its reply to a close.
CLOSE_TIMEOUT_S: Final = 3.0

log = logs.get(__name__)


def to_message(envelope: Envelope) -> aio_pika.Message:
    """The event as a persistent message: it survives a restart of the broker."""
    return aio_pika.Message(
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


def to_envelope(received: AbstractIncomingMessage) -> Envelope:
    """The event in a message; MalformedEnvelope if the message is not an event."""
    return Envelope.from_headers(dict(received.headers), received.body)


def dead_letter_envelope(received: AbstractIncomingMessage) -> Envelope:
    """A dead letter as an envelope; a message that is not an event becomes an unreadable one."""
    try:
        return to_envelope(received)
    except MalformedEnvelope:
        return Envelope.unreadable(received.message_id or "", received.body)


def original_message(received: AbstractIncomingMessage) -> aio_pika.Message:
    """A dead letter as it was first published, event or not, without the headers that the broker added."""
    headers = {key: value for key, value in received.headers.items() if not key.startswith(("x-death", "x-first-"))}
    return aio_pika.Message(
        received.body,
        headers=headers,
        content_type=received.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=received.message_id,
        correlation_id=received.correlation_id,
        type=received.type,
        timestamp=received.timestamp,
        app_id=received.app_id,
    )


async def declare(channel: AbstractChannel, prefix: str, queues: Sequence[Queue]) -> AbstractExchange:
    """Declare the topic exchange and, for each queue, the queue, its dead-letter queue and its bindings. Idempotent."""
    exchange = await channel.declare_exchange(f"{prefix}pacewatch", aio_pika.ExchangeType.TOPIC, durable=True)
    dead = await channel.declare_exchange(f"{prefix}pacewatch.dead", aio_pika.ExchangeType.DIRECT, durable=True)
    for queue in queues:
        name = prefix + queue.name
        dead_queue = await channel.declare_queue(
            prefix + queue.dead, durable=True, arguments={"x-queue-type": "quorum"}
        )
        await dead_queue.bind(dead, routing_key=name)
        declared = await channel.declare_queue(name, durable=True, arguments=_queue_arguments(dead.name, name))
        for event_type in queue.types:
            await declared.bind(exchange, routing_key=event_type)
    return exchange


async def missing(connection: AbstractConnection, prefix: str, queues: Sequence[Queue]) -> list[str]:
    """The names of those queues that do not exist."""
    names = list[str]()
    channel = await connection.channel()
    for queue in queues:
        try:
            await channel.declare_queue(prefix + queue.name, passive=True)
        except aio_pika.exceptions.ChannelNotFoundEntity:  # the broker has closed the channel
            names.append(queue.name)
            channel = await connection.channel()
    await channel.close()
    return names


async def count_ready(connection: AbstractConnection, prefix: str, queue: Queue) -> int:
    """How many messages wait in the queue; 0 if it does not exist."""
    channel = await connection.channel()
    try:
        return (await channel.declare_queue(prefix + queue.name, passive=True)).declaration_result.message_count or 0
    except aio_pika.exceptions.ChannelNotFoundEntity:  # the broker has closed the channel
        return 0
    finally:
        if not channel.is_closed:
            await channel.close()


async def check_declared(channel: AbstractChannel, prefix: str, queues: Sequence[Queue]) -> AbstractExchange:
    """The topic exchange, for an account that may declare nothing; ConnectionError if it or a queue does not exist."""
    try:
        for queue in queues:
            await channel.declare_queue(prefix + queue.name, passive=True)
        return await channel.get_exchange(f"{prefix}pacewatch")
    except aio_pika.exceptions.ChannelNotFoundEntity as error:
        raise ConnectionError(f"run `pacewatch migrate`, which declares every queue: {error}") from None


async def first(source: AbstractQueue, count: int) -> AsyncIterator[AbstractIncomingMessage]:
    """Up to `count` messages that wait there now."""
    for _ in range(count):
        message = await source.get(fail=False)
        if message is None:
            return
        yield message


def _queue_arguments(dead_exchange: str, name: str) -> dict[str, Any]:
    # At-least-once dead-lettering needs reject-publish; the default strategy may lose a dead letter on its way.
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": dead_exchange,
        "x-dead-letter-routing-key": name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def delete(channel: AbstractChannel, prefix: str, queues: Sequence[Queue]) -> None:
    """Delete the exchanges and queues that `declare` made, with their messages."""
    for queue in queues:
        await channel.queue_delete(prefix + queue.name)
        await channel.queue_delete(prefix + queue.dead)
    for exchange in ("pacewatch", "pacewatch.dead"):
        await channel.exchange_delete(prefix + exchange)


async def close_quietly(connection: AbstractConnection) -> None:
    """Close the connection, but wait at most CLOSE_TIMEOUT_S for the broker, and ignore errors."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await asyncio.shield(connection.close())
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError) as error:
        log.debug("connection_close_failed", reason=reason(error))


def reason(error: BaseException) -> str:
    """The error in one line."""
    return f"{type(error).__name__} {error}".strip()
