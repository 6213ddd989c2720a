"""RabbitMQ for the tests: the search, and the removal of what a run declared."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika

from . import containers, debian
from .found import Server, ServerMissing, first_found
from .own import OwnRabbitMQ, answers

VARIABLE = "PACEWATCH_TEST_AMQP_URL"
LOCAL = "amqp://guest:guest@127.0.0.1:5672/"
OTHERWISE = (
    f"no RabbitMQ found: start one on 127.0.0.1:5672 (guest/guest), or set {VARIABLE}=amqp://user:password@host:port/"
)


async def find(stack: AsyncExitStack) -> Server:
    return await first_found([_from_environment, _on_local_port, _in_container, _from_debian], stack, OTHERWISE)


@dataclass
class AmqpCleanup:
    """What a run declared, by name; removed when the run ends."""

    queues: set[str] = field(default_factory=set)
    exchanges: set[str] = field(default_factory=set)
    callbacks: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def run(self, url: str) -> None:
        """Call the callbacks, then delete queues and exchanges; a name that does not exist is no error."""
        for callback in self.callbacks:
            await callback()
        connection = await aio_pika.connect(url)
        async with connection, connection.channel() as channel:
            for queue in self.queues:
                await channel.queue_delete(queue)
            for exchange in self.exchanges:
                await channel.exchange_delete(exchange)


async def _from_environment(_: AsyncExitStack) -> Server | None:
    url = os.environ.get(VARIABLE)
    if not url:
        return None
    if not await answers(url):
        raise ServerMissing(f"{VARIABLE} is set, but no RabbitMQ answers there")
    return Server(url, VARIABLE)


async def _on_local_port(_: AsyncExitStack) -> Server | None:
    return Server(LOCAL, "127.0.0.1:5672 as guest") if await answers(LOCAL) else None


async def _in_container(stack: AsyncExitStack) -> Server | None:
    password = secrets.token_hex(16)
    environment = {"RABBITMQ_DEFAULT_USER": "pacewatch", "RABBITMQ_DEFAULT_PASS": password}
    address = await containers.started(stack, "rabbitmq:4-management", 5672, environment)
    if address is None:
        return None
    url = f"amqp://pacewatch:{password}@{address}/"
    for _ in range(120):
        if await answers(url):
            return Server(url, "container rabbitmq:4-management")
        await asyncio.sleep(0.5)
    raise ServerMissing("the container rabbitmq:4-management started but did not answer within 60 s")


async def program_installed() -> bool:
    """Whether a node of our own can be started, installing Debian's package for it if we may."""
    return OwnRabbitMQ.PROGRAM.exists() or await asyncio.to_thread(debian.install, "rabbitmq-server")


async def _from_debian(stack: AsyncExitStack) -> Server | None:
    if not await program_installed():
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pacewatch-rabbitmq-"))
    server = OwnRabbitMQ(Path(folder))
    stack.push_async_callback(server.stop)
    await server.start()
    return Server(server.url, f"own instance of {OwnRabbitMQ.PROGRAM}")
