"""Run one process of the platform until SIGINT or SIGTERM."""

import asyncio
import ctypes
import gc
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from pacewatch.kit import clock, logs
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.http.operations import create_operations_app
from pacewatch.kit.module import Module
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import start_state
from pacewatch.launcher.runtime.app import create_process_app, open_bus, open_database
from pacewatch.launcher.runtime.dashboard import mount_dashboard
from pacewatch.launcher.runtime.modules import create_modules
from pacewatch.launcher.runtime.protocol import BoundedProtocol

# A process may take ten seconds to stop; its loops need the rest of them.
SHUTDOWN_TIMEOUT_S = 5
# Longer than nginx (60) and our own clients (5) keep an idle connection: the side that closes first can cut off a
# request.
KEEP_ALIVE_S = 75

COMPRESSED_FROM_BYTES, COMPRESS_LEVEL = 1_024, 4

# Options of mallopt(3).
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8

log = logs.get(__name__)


class OperationsServer(uvicorn.Server):
    """The operators' listener: it stops with the main server, which handles the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server(uvicorn.Server):
    """Ends responses that have no end of their own, the live streams, before it waits for all responses to end.

    `background` is a coroutine function that runs while the server accepts requests. It gets the port. `operations`
    listens as long as this server does.
    """

    background: Callable[[int], Coroutine[Any, Any, None]] | None = None
    operations: OperationsServer | None = None
    _background_task: asyncio.Task[None] | None = None
    _operations_task: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.operations is not None and self.started:
            self._operations_task = asyncio.create_task(self.operations.serve())
        if self.background is not None and self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            self._background_task = asyncio.create_task(self.background(port))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._background_task is not None:
            self._background_task.cancel()
            await asyncio.gather(self._background_task, return_exceptions=True)
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        await super().shutdown(sockets)
        if self.operations is not None and self._operations_task is not None:
            self.operations.should_exit = True
            await self._operations_task


def _limit_kept_memory() -> None:
    """Let glibc return blocks of a MiB or more as soon as they are freed, and share its arenas between threads."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, 2**20)
        libc.mallopt(_M_ARENA_MAX, 2)


def prepare(target: str, settings: KitSettings) -> Server:
    """Check the settings of `target` and build its server. ConfigurationError lists all that is missing."""
    if target != "all" and not settings.amqp_url.get_secret_value():
        raise ConfigurationError(
            "PACEWATCH_AMQP_URL: a single service needs RabbitMQ, e.g. amqp://user:password@127.0.0.1:5672/"
        )
    _limit_kept_memory()
    clock.apply_setting(settings.clock)
    modules = create_modules(target, settings)
    _check_signing_keys(modules)
    services = [module.name for module in modules]
    database = open_database(services, settings)
    bus = open_bus(services, settings, database)
    verifier = Verifier(settings.token_keys().public_keys())
    app = create_process_app(f"Pacewatch {target}", modules, settings, database, bus, verifier)
    if target == "all":
        mount_dashboard(app, settings.web_dir)
        # As nginx does in front of separate services; event streams stay as they are.
        app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM_BYTES, compresslevel=COMPRESS_LEVEL)
    server = Server(_listen(app, settings.host, settings.port))
    if settings.operations_port:
        operations = create_operations_app(app)
        server.operations = OperationsServer(_listen(operations, settings.operations_host, settings.operations_port))
    return server


def _check_signing_keys(modules: Sequence[Module]) -> None:
    """Create or refuse them now, not at the first login or after minutes of training."""
    problems = list[str]()
    for source in (source for module in modules for source in module.signs_with):
        try:
            source.private()
        except ConfigurationError as error:
            problems.append(str(error))
    if problems:
        raise ConfigurationError("\n".join(problems))


def _listen(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        server_header=False,
        http=BoundedProtocol,
        # uvicorn would believe every program of this machine; the application believes the proxies of the settings.
        proxy_headers=False,
    )


def serve(target: str, settings: KitSettings) -> None:
    """Serve `target` until SIGINT or SIGTERM."""
    logs.configure(settings.log_format, settings.log_level)
    server = prepare(target, settings)
    if target == "all" and (start := start_state.requested(settings)):
        server.background = partial(start_state.load_history, start, settings)
    _exclude_startup_objects_from_gc()
    log.info("process_started", target=target, address=f"http://{settings.host}:{settings.port}")
    server.run()


def _exclude_startup_objects_from_gc() -> None:
    """Freeze the objects that exist at start: some 270,000, which each full garbage collection scanned for 200 ms.

    All requests waited meanwhile. Objects made later, such as a replaced model, are collected as usual.
    """
    gc.collect()
    gc.freeze()
