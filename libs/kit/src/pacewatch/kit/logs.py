"""Structured logs: a stable action name with fields; correlation and causation ids are added to every line."""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars, get_contextvars


def configure(log_format: str, level: str) -> None:
    """Set up logging for this process: `console` for people, `json` for machines."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format == "json":
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # Plain tracebacks: the default prints every local variable, secrets included, and can take ten seconds.
        processors += [
            structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level)), format="%(name)s %(message)s")


def get(name: str) -> Any:
    """The logger of module `name`."""
    return structlog.get_logger(module=name)


def caused_by(*, correlation_id: str, causation_id: str = "") -> AbstractContextManager[Any]:
    """Add these ids to every log line and event inside the `with` block."""
    return bound_contextvars(correlation_id=correlation_id, causation_id=causation_id)


def correlation_id() -> str:
    """The id shared by all work that follows from one request; empty outside a request."""
    return str(get_contextvars().get("correlation_id", ""))


def causation_id() -> str:
    """The id of the event being handled; empty outside a handler."""
    return str(get_contextvars().get("causation_id", ""))
