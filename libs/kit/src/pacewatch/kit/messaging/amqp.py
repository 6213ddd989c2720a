"""How events, queues and farewells are spelled in AMQP; `rabbitmq` says when."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage

from pacewatch.kit import logs
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.envelope import CONTENT_TYPE, Envelope, MalformedEnvelope

# Only a delivery that kills its process again and again gets here; what a handler refuses is counted in the inbox.
DELIVERY_LIMIT: Final = 50
# Farewells are a courtesy; a frozen broker must not hold up the next attempt, or the end of the process.
CLOSE_TIMEOUT_S: Final = 3.0

log = logs.get(__name__)


def message(envelope: Envelope) -> aio_pika.Message:
    """The event as a message that survives a restart of the broker."""
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


def opened(received: AbstractIncomingMessage) -> Envelope:
    """The event in a message; MalformedEnvelope when it is none of ours."""
    return Envelope.from_headers(dict(received.headers), received.body)


def salvaged(received: AbstractIncomingMessage) -> Envelope:
    """A dead letter for people to look at, though it may be no event of ours."""
    try:
        return opened(received)
    except MalformedEnvelope:
        return Envelope.unreadable(received.message_id or "", received.body)


def unchanged(received: AbstractIncomingMessage) -> aio_pika.Message:
    """A dead letter as it was sent, event of ours or not, without what the broker wrote on it."""
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
    """The topic exchange, and per queue: itself, its dead letters, its bindings. Declaring twice is harmless."""
    exchange = await channel.declare_exchange(f"{prefix}pacewatch", aio_pika.ExchangeType.TOPIC, durable=True)
    dead = await channel.declare_exchange(f"{prefix}pacewatch.dead", aio_pika.ExchangeType.DIRECT, durable=True)
    for queue in queues:
        name = prefix + queue.name
        graveyard = await channel.declare_queue(prefix + queue.dead, durable=True, arguments={"x-queue-type": "quorum"})
        await graveyard.bind(dead, routing_key=name)
        declared = await channel.declare_queue(name, durable=True, arguments=_arguments(dead.name, name))
        for event_type in queue.types:
            await declared.bind(exchange, routing_key=event_type)
    return exchange


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


async def delete(channel: AbstractChannel, prefix: str, queues: Sequence[Queue]) -> None:
    """Remove what `declare` made, with what is in it."""
    for queue in queues:
        await channel.queue_delete(prefix + queue.name)
        await channel.queue_delete(prefix + queue.dead)
    for exchange in ("pacewatch", "pacewatch.dead"):
        await channel.exchange_delete(prefix + exchange)


async def close_quietly(connection: AbstractConnection) -> None:
    """Close in the time a living broker needs; a dead one's connection is left to itself."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await asyncio.shield(connection.close())
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError) as error:
        log.debug("connection_close_failed", reason=reason(error))


def reason(error: BaseException) -> str:
    """What went wrong, in a line."""
    return f"{type(error).__name__} {error}".strip()
