"""What a service is to the launcher: a name, routes, handlers, and what lives as long as it does."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from pacewatch.contracts.base import Event
from pacewatch.kit.db import Database, Session
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.wakeup import Wakeups

Handle = Callable[[Any, Session], Awaitable[None]]
HandlerFunction = Callable[..., Awaitable[None]]
Handlers = Mapping[HandlerFunction, Sequence[type[Event]]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A queue, the events it takes and the function they go to."""

    queue: Queue
    events: tuple[type[Event], ...]
    handle: Handle


@dataclass(frozen=True, slots=True)
class Resources:
    """What the launcher lends a module while it runs."""

    database: Database
    wakeups: Wakeups


# Background work of a module: runs until cancelled, and is started again when it fails.
Loop = Callable[[Resources], Awaitable[None]]
Lifespan = Callable[[Resources], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Module:
    """One service. `needs` names modules that must run in the same process, or nothing.

    Bodies posted to `unlimited_paths` are not bounded by the process: their routes stream them and bound them.
    """

    name: str
    migrations: Path
    router: APIRouter | None = None
    handlers: Sequence[Handler] = ()
    loops: Mapping[str, Loop] = field(default_factory=dict)
    lifespan: Lifespan = lambda _resources: nullcontext()
    needs: frozenset[str] = frozenset()
    unlimited_paths: frozenset[str] = frozenset()


def bind(service: str, handlers: Handlers, **dependencies: object) -> tuple[Handler, ...]:
    """The service's handlers, each given those of `dependencies` it names as parameters.

    TypeError when a handler asks for something that is not there: at start, not at the first event.
    """
    return tuple(_bind(service, function, tuple(events), dependencies) for function, events in handlers.items())


def _bind(
    service: str,
    function: Callable[..., Awaitable[None]],
    events: tuple[type[Event], ...],
    available: dict[str, object],
) -> Handler:
    wanted = list(inspect.signature(function).parameters)[2:]
    missing = [name for name in wanted if name not in available]
    if missing:
        raise TypeError(f"{service}.{function.__name__} asks for {', '.join(missing)}, which nobody provides")
    queue = Queue(service, function.__name__, tuple(event.type for event in events))
    return Handler(queue, events, partial(function, **{name: available[name] for name in wanted}))
