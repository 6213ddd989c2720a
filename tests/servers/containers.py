"""Servers in containers, where a Docker engine really answers: its client alone is on many machines."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer


def engine_answers() -> bool:
    try:
        with closing(docker.from_env(timeout=2)) as client:
            return bool(client.ping())
    except DockerException:
        return False


async def started(stack: AsyncExitStack, image: str, port: int, environment: Mapping[str, str]) -> str | None:
    """`host:port` of a fresh container that ends with the stack, or None where no engine answers."""
    if not await asyncio.to_thread(engine_answers):
        return None
    container = DockerContainer(image).with_exposed_ports(port)
    for name, value in environment.items():
        container.with_env(name, value)
    stack.push_async_callback(asyncio.to_thread, container.stop)
    await asyncio.to_thread(container.start)
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"
