"""The RabbitMQ transport: quorum queues, confirmed and mandatory publishes, a dead-letter queue for every queue.

Connections do not reconnect by themselves: when one is lost, its user fails, is restarted and declares everything
again, so first start, restart and outage take the same path. Publishing and consuming use separate connections: a
broker that is short of memory or disk blocks publishers, and this must not stop consumers.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage

from pacewatch.kit import logs
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import amqp, confirms
from pacewatch.kit.messaging.bus import Deliver, Queue, Verdict
from pacewatch.kit.messaging.envelope import Envelope, MalformedEnvelope
from pacewatch.kit.supervise import cancelled_by_caller

# To connect and declare: a frozen or starting broker accepts the connection but does not answer.
CONNECT_TIMEOUT_S: Final = 10.0
# A connection counts as lost after three heartbeats without an answer.
HEARTBEAT_S: Final = 20
# Small: a process that dies returns few deliveries, and each return counts against the delivery limit.
PREFETCH: Final = 8
# How long a queue that is missing is not looked for again, where only `pacewatch migrate` can declare it.
LOOK_AGAIN_S: Final = 1.0
# Nothing says that a binding is missing: they are made again.
BIND_AGAIN_S: Final = 30.0
_MISSING: Final = "the queue was missing"
_REMEDIES: Final = {True: "declared again", False: "run `pacewatch migrate`, which declares every queue"}

log = logs.get(__name__)


class RabbitBus:
    """`queues` are all queues of the platform: every process declares all of them, so no event is unroutable.

    An account that may not declare, without `declares`, publishes no event that a missing queue should receive, and
    consumes from the queues that exist.
    """

    def __init__(
        self,
        url: str,
        queues: Sequence[Queue],
        *,
        prefix: str = "",
        prefetch: int = PREFETCH,
        declares: bool = True,
    ) -> None:
        self._url = url
        self._queues = tuple(queues)
        self._prefix = prefix
        self._prefetch = prefetch
        self._declares = declares
        self._publisher: tuple[AbstractConnection, AbstractExchange] | None = None
        self._publisher_lock = asyncio.Lock()
        self._looked_s = self._bound_s = 0.0
        self._missing = frozenset[str]()

    # -- publishing

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """An event counts as confirmed if, after the broker confirmed it, every queue of its type exists.

        The broker confirms when one of them has the event; one that was missing has lost it.
        """
        if not envelopes:
            return
        connection, exchange = await self._open_publisher()
        missing = _by_type(queue for queue in self._queues if queue.name in self._missing)
        sent = [one for one in envelopes if one.type not in missing]
        failures = await confirms.publish_all(exchange, sent)
        if not set(failures.values()) <= {confirms.UNROUTABLE}:
            await self._drop_publisher(connection)
        elif sent:
            async with _answering():
                missing |= await self._look_for_missing(connection, {one.type for one in sent})
        failures |= {one.id: f"{missing[one.type]}: {_MISSING}" for one in envelopes if one.type in missing}
        if failures:
            confirmed = frozenset(one.id for one in envelopes if one.id not in failures)
            held = frozenset() if self._declares else frozenset(missing)
            raise PublishError("; ".join(sorted(set(failures.values()))), confirmed, held)

    async def _open_publisher(self) -> tuple[AbstractConnection, AbstractExchange]:
        async with self._publisher_lock, _answering():
            publisher = self._publisher
            if publisher is None or publisher[0].is_closed:
                publisher = self._publisher = await self._new_publisher()
                self._bound_s = time.monotonic()
            elif self._declares and time.monotonic() - self._bound_s > BIND_AGAIN_S:
                await self._declare_again(publisher[0])
            if self._missing and time.monotonic() - self._looked_s > LOOK_AGAIN_S:
                queues = [queue for queue in self._queues if queue.name in self._missing]
                self._missing = frozenset(await amqp.missing(publisher[0], self._prefix, queues))
                self._looked_s = time.monotonic()
            return publisher

    async def _new_publisher(self) -> tuple[AbstractConnection, AbstractExchange]:
        connection = await self._connect("publisher")
        try:
            channel = await confirms.open_channel(connection)
            return connection, await self._declare(channel)
        except BaseException:
            await amqp.close_quietly(connection)
            raise

    async def _declare(self, channel: AbstractChannel, *needed: Queue) -> AbstractExchange:
        """Declare everything; without that right, ConnectionError if a queue that is `needed` does not exist."""
        if self._declares:
            return await amqp.declare(channel, self._prefix, self._queues)
        return await amqp.check_declared(channel, self._prefix, needed)

    async def _look_for_missing(self, connection: AbstractConnection, types: set[str]) -> dict[str, str]:
        """Those of `types` that a missing queue should receive, with its name; it is declared, if that is allowed."""
        queues = [queue for queue in self._queues if types.intersection(queue.types)]
        missing = frozenset(await amqp.missing(connection, self._prefix, queues))
        if missing:
            log.error("queues_missing", queues=sorted(missing), remedy=_REMEDIES[self._declares])
            if self._declares:
                await self._declare_again(connection)
            else:
                self._missing, self._looked_s = self._missing | missing, time.monotonic()
        return _by_type(queue for queue in queues if queue.name in missing)

    async def _declare_again(self, connection: AbstractConnection) -> None:
        async with connection.channel() as channel:
            await self._declare(channel)
        self._bound_s = time.monotonic()

    async def _drop_publisher(self, connection: AbstractConnection) -> None:
        """Close `connection`; a newer connection that another relay has opened since stays in use."""
        if self._publisher is not None and self._publisher[0] is connection:
            self._publisher = None
        await amqp.close_quietly(connection)

    # -- consuming

    async def consume(self, queue: Queue, deliver: Deliver) -> None:
        connection = await self._connect(queue.name)
        try:
            async with asyncio.TaskGroup() as group:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    ended = await self._start_consumer(connection, queue, group, deliver)
                log.info("consumer_started", queue=queue.name)
                raise ConnectionError(f"{queue.name}: {await ended}")
        finally:
            await amqp.close_quietly(connection)

    async def _start_consumer(
        self, connection: AbstractConnection, queue: Queue, group: asyncio.TaskGroup, deliver: Deliver
    ) -> asyncio.Future[str]:
        """Start the deliveries; the future completes, with the reason, when they have ended."""
        channel = await connection.channel()
        await self._declare(channel, queue)
        await channel.set_qos(prefetch_count=self._prefetch)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def end(*_: object) -> None:
            if not ended.done():
                ended.set_result("the connection was lost, or the broker cancelled the consumer")

        async def start(message: AbstractIncomingMessage) -> None:
            work = _process(message, deliver)
            try:
                group.create_task(work)
            except RuntimeError:
                # The group is ending and accepts no more tasks; the broker still has the message.
                work.close()

        channel.close_callbacks.add(end)
        # The broker can end a consumer and keep its channel, e.g. when the queue was deleted or lost its leader.
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)
        source = await channel.get_queue(self._prefix + queue.name, ensure=False)
        await source.consume(start)
        return ended

    async def count_ready(self, queue: Queue) -> int:
        connection, _ = await self._open_publisher()
        return await amqp.count_ready(connection, self._prefix, queue)

    # -- dead letters

    async def dead_letters(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        # Closing the connection returns every unacknowledged message to its place in the queue.
        async with self._dead_letter_queue(queue, limit) as (_, messages):
            return [amqp.dead_letter_envelope(message) async for message in messages]

    async def redeliver(self, queue: Queue, limit: int = 100) -> list[Envelope]:
        redelivered: list[Envelope] = []
        async with self._dead_letter_queue(queue, limit) as (channel, messages):
            async for message in messages:
                original = amqp.original_message(message)
                await channel.default_exchange.publish(original, routing_key=self._prefix + queue.name, mandatory=True)
                await message.ack()
                redelivered.append(amqp.dead_letter_envelope(message))
        return redelivered

    @asynccontextmanager
    async def _dead_letter_queue(
        self, queue: Queue, limit: int
    ) -> AsyncIterator[tuple[AbstractChannel, AsyncIterator[AbstractIncomingMessage]]]:
        """The messages there now: a redelivered one that fails again meanwhile is not returned twice."""
        connection = await self._connect("dead letters")
        try:
            channel = await confirms.open_channel(connection)
            await self._declare(channel, queue)
            source = await channel.declare_queue(self._prefix + queue.dead, passive=True)
            yield channel, amqp.first(source, min(limit, source.declaration_result.message_count or 0))
        finally:
            await amqp.close_quietly(connection)

    # -- closing

    async def close(self) -> None:
        if self._publisher is not None:
            await self._drop_publisher(self._publisher[0])

    async def declare_topology(self) -> None:
        """Declare every exchange and queue, for processes whose accounts may not."""
        async with await self._connect("declarer") as connection:
            await amqp.declare(await connection.channel(), self._prefix, self._queues)

    async def delete_topology(self) -> None:
        """Delete every exchange and queue of this prefix, with their messages: for tests and demos."""
        async with await self._connect("cleaner") as connection:
            await amqp.delete(await connection.channel(), self._prefix, self._queues)

    async def _connect(self, name: str) -> AbstractConnection:
        return await aio_pika.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            heartbeat=HEARTBEAT_S,
            client_properties={"connection_name": f"pacewatch {name}"},
        )


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """PublishError if the broker does not answer in time, or the connection breaks."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            yield
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError, RuntimeError) as error:
        raise PublishError(f"RabbitMQ does not answer: {amqp.reason(error)}") from error
    except asyncio.CancelledError:
        if cancelled_by_caller():
            raise
        raise PublishError("the connection to RabbitMQ was lost") from None


def _by_type(queues: Iterable[Queue]) -> dict[str, str]:
    """The types that these queues receive, each with the name of a queue."""
    return {kind: queue.name for queue in queues for kind in queue.types}


async def _process(message: AbstractIncomingMessage, deliver: Deliver) -> None:
    try:
        verdict = await deliver(amqp.to_envelope(message))
    except MalformedEnvelope as error:
        log.error("message_malformed", message_id=message.message_id, reason=str(error))
        verdict = Verdict.DEAD
    try:
        if verdict is Verdict.DONE:
            await message.ack()
        else:
            await message.reject(requeue=verdict is Verdict.AGAIN)
    except (aio_pika.exceptions.AMQPError, aio_pika.exceptions.ChannelInvalidStateError, ConnectionError) as error:
        # The broker delivers the message again on the next connection, and the inbox recognises what is done.
        log.warning("acknowledge_failed", message_id=message.message_id, reason=str(error))
