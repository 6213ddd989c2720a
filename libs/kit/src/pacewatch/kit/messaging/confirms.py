"""Publishing events with the broker's confirms."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange

from pacewatch.kit.messaging import amqp
from pacewatch.kit.messaging.envelope import Envelope

# While the broker is short of disk or memory, a publish hangs although the connection looks healthy.
PUBLISH_TIMEOUT_S: Final = 10.0
UNROUTABLE: Final = "no queue is bound to its type"


async def open_channel(connection: AbstractConnection) -> AbstractChannel:
    # Without on_return_raises an unroutable message counts as confirmed.
    return await connection.channel(publisher_confirms=True, on_return_raises=True)


async def _publish(exchange: AbstractExchange, envelope: Envelope) -> None:
    await exchange.publish(amqp.to_message(envelope), routing_key=envelope.type, mandatory=True)


async def publish_all(exchange: AbstractExchange, envelopes: Sequence[Envelope]) -> dict[UUID, str]:
    """Why events are not confirmed, by id."""
    if not envelopes:
        return {}
    tasks = {asyncio.create_task(_publish(exchange, one)): one for one in envelopes}
    try:
        # Not a TaskGroup: aio-pika cancels a pending publish when its connection breaks, and a group would treat that
        # as success.
        await asyncio.wait(tasks, timeout=PUBLISH_TIMEOUT_S)
        return {one.id: reason for task, one in tasks.items() if (reason := _failure(task))}
    finally:
        for task in tasks:
            task.cancel()


def _failure(task: asyncio.Task[None]) -> str:
    """Why a publish is not confirmed; empty if it is."""
    if not task.done():
        return f"the broker did not confirm within {PUBLISH_TIMEOUT_S:g} s"
    if task.cancelled():
        return "the connection broke before the broker confirmed"
    error = task.exception()
    if isinstance(error, aio_pika.exceptions.PublishError):
        return UNROUTABLE
    return amqp.reason(error) if error is not None else ""
