"""The messages between services: which service sends which event, and which queue receives it."""

from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import models_json_schema

from pacewatch.contracts import topology
from pacewatch.contracts.base import Event
from pacewatch.contracts.version import VERSION

_SCHEMA_REF = "#/components/schemas/{model}"


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of the platform."""
    _, definitions = models_json_schema([(event, "validation") for event in topology.EVENTS], ref_template=_SCHEMA_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Pacewatch events",
            "version": VERSION,
            "description": "CloudEvents 1.0 in AMQP's binary mode; topic exchange `pacewatch`, routing key = type.",
        },
        "defaultContentType": "application/json",
        "channels": {_key(event): _channel(event) for event in topology.EVENTS},
        "operations": dict(_operations()),
        "components": {
            "messages": {event.__name__: _message(event) for event in topology.EVENTS},
            "schemas": definitions["$defs"],
        },
    }


def _key(event: type[Event]) -> str:
    return event.type.replace(".", "_")


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.type,
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "pacewatch", "type": "topic", "durable": True}}},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": _SCHEMA_REF.format(model=event.__name__)},
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for service, events in topology.PUBLISHERS.items():
        for event in events:
            yield f"{service}_sends_{_key(event)}", _operation("send", event)
    for service, handlers in topology.SUBSCRIPTIONS.items():
        for handler, events in handlers.items():
            for event in events:
                queue = {"amqp": {"deliveryMode": 2, "ack": True}}
                operation = _operation("receive", event) | {"title": f"queue {service}.{handler}", "bindings": queue}
                yield f"{service}_receives_{_key(event)}", operation


def _operation(action: str, event: type[Event]) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{_key(event)}"}}
