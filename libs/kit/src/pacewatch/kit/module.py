"""A service as the launcher runs it: name, routes, event handlers, background loops and lifespan."""

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
from pacewatch.kit.keys import KeySource
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.reconcile import Source
from pacewatch.kit.wakeup import Wakeups

Handle = Callable[[Any, Session], Awaitable[None]]
HandlerFunction = Callable[..., Awaitable[None]]
Handlers = Mapping[HandlerFunction, Sequence[type[Event]]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A queue, the events it receives and the function that handles them."""

    queue: Queue
    events: tuple[type[Event], ...]
    handle: Handle


@dataclass(frozen=True, slots=True)
class Resources:
    """What the launcher provides to a running module."""

    database: Database
    wakeups: Wakeups


# Background work of a module: runs until cancelled; the launcher restarts it when it fails.
Loop = Callable[[Resources], Awaitable[None]]
# A check of readiness: raises if the module cannot do its work; the text, if any, is a remark for operators.
ReadinessCheck = Callable[[Database], Awaitable[str]]
Lifespan = Callable[[Resources], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Module:
    """One service. `needs` names modules that must run in the same process.

    `sources` are the events that it can publish again if they are lost on their way. `signs_with` are the key pairs
    whose private half a process needs that serves it; one that only migrates it does not.
    """

    name: str
    migrations: Path
    router: APIRouter | None = None
    handlers: Sequence[Handler] = ()
    loops: Mapping[str, Loop] = field(default_factory=dict)
    sources: Sequence[Source] = ()
    signs_with: Sequence[KeySource] = ()
    checks: Mapping[str, ReadinessCheck] = field(default_factory=dict)
    lifespan: Lifespan = lambda _resources: nullcontext()
    needs: frozenset[str] = frozenset()


def bind(service: str, handlers: Handlers, **dependencies: object) -> tuple[Handler, ...]:
    """The handlers of `service`; each gets the `dependencies` that it names as parameters.

    TypeError at start, not at the first event, if a handler names a dependency that is missing.
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
        raise TypeError(f"{service}.{function.__name__} needs {', '.join(missing)}: no such dependency")
    queue = Queue(service, function.__name__, tuple(event.type for event in events))
    return Handler(queue, events, partial(function, **{name: available[name] for name in wanted}))
