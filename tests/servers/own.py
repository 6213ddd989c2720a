"""Servers that belong to one test: it may kill, freeze and restart them, and nobody else notices."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
from functools import partial
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import aio_pika
from aio_pika.exceptions import AMQPError

from pacewatch.launcher.ports import LOOPBACK
from pacewatch.launcher.postgres.embedded import EmbeddedPostgres
from pacewatch.launcher.postgres.subprocesses import ending_with_parent


class OwnPostgres:
    """A private PostgreSQL on a port of its own, which it keeps over restarts; data in `folder`."""

    def __init__(self, folder: Path, binaries: Path | None = None) -> None:
        self._server = EmbeddedPostgres(folder, binaries=binaries)

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def kill(self) -> None:
        """`kill -9` of the postmaster; its backends notice and leave."""
        process, self._server.process = self._server.process, None
        assert process is not None
        process.kill()
        await asyncio.to_thread(process.wait)


class OwnRabbitMQ:
    """A private RabbitMQ node with its own epmd, all on loopback; ports and data in `folder` last over restarts."""

    PROGRAM: ClassVar = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    READY_S: ClassVar = 120
    SETTLED_S: ClassVar = 3  # RabbitMQ 3.10: a quorum queue younger than about a second never finds a leader again

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._distribution_port, self._epmd_port, self._api_port = free_ports(4)
        self._plugins = "[].\n"
        self._node = f"pacewatch-{secrets.token_hex(4)}@localhost"
        self._epmd: subprocess.Popen[bytes] | None = None
        self._broker: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}/"

    @property
    def api_url(self) -> str:
        """The management API, after `start(with_api=True)`."""
        return f"http://guest:guest@{LOOPBACK}:{self._api_port}"

    async def start(self, *, with_api: bool = False) -> None:
        """Start node and epmd, and return when the node speaks AMQP: some five seconds."""
        self._plugins = "[rabbitmq_management].\n" if with_api else "[].\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._epmd is None:
            self._epmd = self._spawn(["epmd", "-port", str(self._epmd_port), "-address", LOOPBACK])
        self._broker = self._spawn([str(self.PROGRAM)])
        async with asyncio.timeout(self.READY_S):
            while not await answers(self.url):
                assert self._broker.poll() is None, f"RabbitMQ ended while starting, see {self.folder / 'output.log'}"
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)
        epmd, self._epmd = self._epmd, None
        if epmd is not None:
            epmd.terminate()
            await asyncio.to_thread(epmd.wait)

    async def kill(self) -> None:
        """`kill -9` of the node. Not within SETTLED_S of declaring a quorum queue, unless that is what you test."""
        await self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """The node keeps its connections and answers nothing, until `thaw`."""
        assert self._broker is not None
        self._broker.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._broker is not None
        self._broker.send_signal(signal.SIGCONT)

    async def ctl(self, *arguments: str) -> str:
        """`rabbitmqctl` on this node, for example to set a memory alarm: some two seconds per call."""
        command = [str(self.PROGRAM.with_name("rabbitmqctl")), *arguments]
        run = partial(subprocess.run, command, env=self._environment(), check=True, capture_output=True, text=True)
        return (await asyncio.to_thread(run)).stdout

    async def _end(self, how: signal.Signals) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            broker.send_signal(how)
            broker.send_signal(signal.SIGCONT)  # a frozen one could not end
            await asyncio.to_thread(broker.wait)

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "output.log").open("ab") as output:
            return subprocess.Popen(
                ending_with_parent(command, signal.SIGTERM),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        """All of the node's own; the cookie lies in HOME. `RUNNING_UNDER_SYSTEMD` makes the script exec the node, so
        that the process we know is the one to kill."""
        plugins = self.folder / "enabled_plugins"
        plugins.write_text(self._plugins)
        listener = f"management.tcp.ip = {LOOPBACK}\nmanagement.tcp.port = {self._api_port}\n"
        (self.folder / "rabbitmq.conf").write_text(listener if "management" in self._plugins else "")
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        }


async def answers(url: str) -> bool:
    """Whether a broker speaks AMQP there. The port is tried first: aio-pika logs a refused connection as an error."""
    address = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(address.hostname, address.port or 5672)
        writer.close()
        await (await aio_pika.connect(url, timeout=5)).close()
    except (OSError, TimeoutError, AMQPError):
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Different ones: all are held until the last is known."""
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
