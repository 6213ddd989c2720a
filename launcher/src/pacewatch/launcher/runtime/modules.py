"""The list of all services. A new service is one more line here, and one more box in the picture of README.md."""

from collections.abc import Sequence
from importlib import import_module
from typing import Final

from pacewatch.contracts import topology
from pacewatch.contracts.profiles import by_name
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.module import Module
from pacewatch.kit.settings import KitSettings

# target -> the module that has `create_module(settings)`
TARGETS: Final[dict[str, str]] = {
    "ingest": "pacewatch.ingest.module",
    "inference": "pacewatch.inference.module",
    "registry": "pacewatch.registry.module",
    "notifier": "pacewatch.notifier.module",
    "trainer-agent": "pacewatch.trainer_agent.module",
    "gateway": "pacewatch.gateway.module",
}


def create_modules(target: str, settings: KitSettings) -> list[Module]:
    """The modules of `target`, one or all. ConfigurationError lists everything that is wrong with their settings."""
    if target != "all" and target not in TARGETS:
        raise ConfigurationError(f"there is no target {target!r}; there are: all, {', '.join(TARGETS)}")
    try:
        by_name(settings.profile)
    except LookupError as error:
        raise ConfigurationError(f"PACEWATCH_PROFILE: {error.args[0]}") from None
    modules: list[Module] = []
    problems: list[str] = []
    for name in TARGETS if target == "all" else (target,):
        try:
            modules.append(import_module(TARGETS[name]).create_module(settings))
        except ConfigurationError as error:
            problems.append(str(error))
    if problems:
        raise ConfigurationError("\n".join(problems))
    return modules


def queues() -> Sequence[Queue]:
    """Every queue of the platform, no matter which process serves it."""
    return [
        Queue(service, handler, tuple(event.type for event in events))
        for service, handlers in topology.SUBSCRIPTIONS.items()
        for handler, events in handlers.items()
    ]
