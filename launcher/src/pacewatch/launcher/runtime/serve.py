"""Run one process of the platform until it is told to stop."""

import asyncio
import gc
import socket
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import uvicorn

from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import start_state
from pacewatch.launcher.runtime.app import create_process_app, open_bus
from pacewatch.launcher.runtime.dashboard import mount_dashboard
from pacewatch.launcher.runtime.modules import create_modules

# What is left of the ten seconds a process may take to stop, once the loops have been given theirs.
GRACE_S = 5
# Longer than nginx (60) and our own clients (5) keep an idle connection: whoever ends it first may cut off a request.
KEEP_ALIVE_S = 75

log = logs.get(__name__)


class Server(uvicorn.Server):
    """Asks answers that have no end of their own, the live stream, to end before it waits for them.

    `beside` begins when requests can be answered, is given the port, and ends before they cannot be any more.
    """

    beside: Callable[[int], Coroutine[Any, Any, None]] | None = None
    _beside: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.beside is not None and self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            self._beside = asyncio.create_task(self.beside(port))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._beside is not None:
            self._beside.cancel()
            await asyncio.gather(self._beside, return_exceptions=True)
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def prepare(target: str, settings: KitSettings) -> Server:
    """Everything `target` needs, checked and put together; ConfigurationError says all that is missing."""
    if target != "all" and not settings.amqp_url.get_secret_value():
        raise ConfigurationError(
            "PACEWATCH_AMQP_URL: a service on its own needs RabbitMQ, e.g. amqp://user:password@127.0.0.1:5672/"
        )
    clock.apply_setting(settings.clock)
    modules = create_modules(target, settings)
    database = Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size)
    bus = open_bus(target, settings, database)
    verifier = Verifier([settings.token_keys().public()])
    app = create_process_app(f"Pacewatch {target}", modules, settings, database, bus, verifier)
    if target == "all":
        mount_dashboard(app, settings.web_dir)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        server_header=False,
    )
    return Server(config)


def serve(target: str, settings: KitSettings) -> None:
    """Serve `target` until SIGINT or SIGTERM."""
    logs.configure(settings.log_format, settings.log_level)
    server = prepare(target, settings)
    if target == "all" and (start := start_state.wanted(settings)):
        server.beside = partial(start_state.load_history, start, settings)
    _leave_to_stay()
    log.info("process_started", target=target, address=f"http://{settings.host}:{settings.port}")
    server.run()


def _leave_to_stay() -> None:
    """What stands by now stays: some 270,000 objects that each full garbage collection went through in 200 ms.

    Every request waited for that. What comes later, a replaced model too, is collected as ever.
    """
    gc.collect()
    gc.freeze()
