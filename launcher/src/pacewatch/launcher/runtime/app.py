"""One process: an application with the routes of its modules, and their handlers, relays and loops behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI

from pacewatch.gateway.credentials import revocations
from pacewatch.gateway.security.store import store_security_notes
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.http import app as http
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.http.proxies import ClientAddress
from pacewatch.kit.messaging import reconcile
from pacewatch.kit.messaging.bus import Bus
from pacewatch.kit.messaging.consumer import Consumer
from pacewatch.kit.messaging.housekeeping import run_housekeeping
from pacewatch.kit.messaging.memory import MemoryBus
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.messaging.relay import Relay
from pacewatch.kit.module import Module, Resources
from pacewatch.kit.settings import KitSettings, split
from pacewatch.kit.supervise import restart_forever
from pacewatch.kit.wakeup import Wakeups
from pacewatch.launcher.runtime.modules import queues
from pacewatch.launcher.runtime.service_buses import BusOfServices

Loop = Callable[[], Any]


def open_database(services: Sequence[str], settings: KitSettings) -> Database:
    """The database of a process of `services`. If services have accounts, each works with its own."""
    urls = {service: settings.database_url_of(service) for service in services}
    # A service alone in its process uses its account for everything, such as looking for revoked API keys.
    own = urls if settings.accounts and len(services) > 1 else {}
    return Database(urls[services[0]], pool_size=settings.database_pool_size, urls=own)


def open_bus(services: Sequence[str], settings: KitSettings, database: Database) -> Bus:
    """The bus of a process of `services`. If services have accounts, each sends and receives with its own."""
    if settings.accounts and settings.amqp_url.get_secret_value():
        return BusOfServices(
            {
                service: RabbitBus(settings.amqp_url_of(service), queues(), prefix=settings.amqp_prefix, declares=False)
                for service in services
            }
        )
    return open_operators_bus(settings, database)


def open_operators_bus(settings: KitSettings, database: Database) -> Bus:
    """RabbitMQ with the account of the setting, or the in-process bus if no broker is set."""
    if amqp_url := settings.amqp_url.get_secret_value():
        return RabbitBus(amqp_url, queues(), prefix=settings.amqp_prefix)
    return MemoryBus(database, queues())


def create_process_app(
    title: str, modules: Sequence[Module], settings: KitSettings, database: Database, bus: Bus, verifier: Verifier
) -> FastAPI:
    """The application of one process. Its lifespan runs everything that is not a request."""
    app = http.create_app(
        title,
        verifier=verifier,
        database=database,
        max_body_mib=settings.max_body_mib,
        allowed_hosts=split(settings.allowed_hosts),
    )
    # Added last, so it runs first: all others see the address of the client.
    app.add_middleware(ClientAddress, trusted=split(settings.trusted_proxies))
    for module in modules:
        if module.router is not None:
            app.include_router(module.router)
    schemas = {
        f"schema {module.name}": partial(migrate.check, database, module.name, module.migrations) for module in modules
    }
    own = {
        f"{module.name} {name}": partial(check, database) for module in modules for name, check in module.checks.items()
    }
    http.add_health(app, {"database": database.ping, **schemas, **own})
    app.router.lifespan_context = partial(
        _lifespan,
        modules=modules,
        database=database,
        bus=bus,
        verifier=verifier,
        reconcile_every_s=settings.reconcile_every_s,
    )
    return app


@asynccontextmanager
async def _lifespan(
    app: FastAPI,
    modules: Sequence[Module],
    database: Database,
    bus: Bus,
    verifier: Verifier,
    reconcile_every_s: float,
) -> AsyncIterator[None]:
    resources = Resources(database, Wakeups(database))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.push_async_callback(bus.close)
        for module in modules:
            await stack.enter_async_context(module.lifespan(resources))
        loops = _loops(modules, resources, bus)
        for module in modules:
            if module.sources:
                watch = partial(reconcile.watch, database, module.name, module.sources, bus, reconcile_every_s)
                loops[f"{module.name}.reconcile"] = watch
        await revocations.read_once(database, verifier.revocations)
        loops["revocations"] = partial(revocations.follow, resources, verifier.revocations)
        loops["security events"] = partial(store_security_notes, resources, app.state.security_notes)
        await stack.enter_async_context(_running(loops))
        yield


def _loops(modules: Sequence[Module], resources: Resources, bus: Bus) -> dict[str, Loop]:
    """Everything that runs in the background, by name."""
    loops: dict[str, Loop] = {"listen": resources.wakeups.listen}
    for module in modules:
        relay = Relay(resources.database, bus, module.name, resources.wakeups)
        loops[f"{module.name}.relay"] = relay.run
        loops[f"{module.name}.housekeeping"] = partial(run_housekeeping, resources.database, module.name)
        for handler in module.handlers:
            consumer = Consumer(resources.database, handler)
            loops[f"consume {handler.queue.name}"] = partial(bus.consume, handler.queue, consumer.deliver)
        for name, loop in module.loops.items():
            loops[f"{module.name}.{name}"] = partial(loop, resources)
    return loops


@asynccontextmanager
async def _running(loops: dict[str, Loop]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(restart_forever(name, loop), name=name) for name, loop in loops.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
