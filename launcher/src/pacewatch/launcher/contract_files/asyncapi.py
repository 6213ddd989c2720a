"""The messages between services: which service sends which event, and which queue receives it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic.json_schema import models_json_schema

from pacewatch.contracts import topology
from pacewatch.contracts.base import Event
from pacewatch.contracts.version import VERSION
from pacewatch.kit.http.description import CONTACT, LICENSE
from pacewatch.kit.messaging.envelope import CONTENT_TYPE, PREFIXES, SPEC_VERSION, Envelope, data_schema
from pacewatch.launcher.contract_files.examples import AT, examples

_SCHEMA_REF = "#/components/schemas/{model}"
_EXAMPLE_ID = UUID("f3a1c9f4-24e7-4d0b-a0a1-3d1c5e7f9b20")
_DESCRIPTION = f"""\
What services tell one another. Each message is a CloudEvent {SPEC_VERSION} in the binary mode of the AMQP binding: its
attributes are headers, its body is the event as JSON. The topic exchange is `pacewatch`, the routing key is the type.

We write attributes with the prefix `{PREFIXES[0]}` and read `{PREFIXES[1]}`, too. An event takes effect once for each
id: an id that is no UUID counts within its source."""


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of the platform."""
    _, definitions = models_json_schema([(event, "validation") for event in topology.EVENTS], ref_template=_SCHEMA_REF)
    return {
        "asyncapi": "3.1.0",
        "id": "urn:pacewatch:events",
        "info": {
            "title": "Pacewatch events",
            "version": VERSION,
            "description": _DESCRIPTION,
            "contact": dict(CONTACT),
            "license": dict(LICENSE),
            "tags": [{"name": service, "description": f"sent by {service}"} for service in sorted(topology.PUBLISHERS)],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": {_key(event): _channel(event) for event in topology.EVENTS},
        "operations": dict(_operations()),
        "components": {
            "messages": {event.__name__: _message(event) for event in topology.EVENTS},
            "schemas": definitions["$defs"] | {"CloudEvent": _headers()},
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": "{host}:{port}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ, as PACEWATCH_AMQP_URL says; each service has an account of its own",
        "variables": {"host": {"default": "localhost"}, "port": {"default": "5672"}},
    }


def _headers() -> dict[str, Any]:
    """The schema of the headers that each message has."""

    def text(description: str, **more: Any) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "description": description, **more}

    moment = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer"}]}
    attributes = {
        "specversion": {"type": "string", "const": SPEC_VERSION, "description": "another version is refused"},
        "id": text("a UUID; the id of another sender may be any text that is unique within its source"),
        "type": text("the event's type and routing key"),
        "source": text("who says so", format="uri-reference"),
        "subject": text("what it is about: a device, a run, a version"),
        "time": {**moment, "description": "RFC 3339, or milliseconds since 1970; default: now"},
        "dataschema": text("the `$id` of its JSON Schema", format="uri", pattern=r"\.v[0-9]{1,4}$"),
        "correlationid": text("of the request or the event at the beginning of the chain"),
        "causationid": text("the id of the event that caused this one"),
    }
    return {
        "type": "object",
        "description": "Attributes of a CloudEvent; one without a value is left out",
        "required": [PREFIXES[0] + name for name in ("specversion", "id", "type", "source")],
        "properties": {PREFIXES[0] + name: schema for name, schema in attributes.items()},
    }


def _key(event: type[Event]) -> str:
    return event.type.replace(".", "_")


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.type,
        "title": event.type,
        "description": _summary(event),
        "servers": [{"$ref": "#/servers/broker"}],
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "pacewatch", "type": "topic", "durable": True}}},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    example = examples()[event]
    (service,) = (name for name, events in topology.PUBLISHERS.items() if event in events)
    envelope = Envelope(
        id=_EXAMPLE_ID,
        type=event.type,
        source=f"/pacewatch/{service}",
        subject=example.subject(),
        time=AT,
        correlation_id="4f9d3a52-6b0e-4c55-8b6a-9d7d2a1f0c11",
        causation_id="",
        schema_version=event.schema_version,
        data=b"",
    )
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": _summary(event),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": _SCHEMA_REF.format(model="CloudEvent")},
        "payload": {"$ref": _SCHEMA_REF.format(model=event.__name__)},
        "examples": [
            {
                "name": data_schema(event.type, event.schema_version),
                "headers": envelope.headers,
                "payload": example.model_dump(mode="json"),
            }
        ],
    }


def _summary(event: type[Event]) -> str:
    return (event.__doc__ or "").strip().splitlines()[0]


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for service, events in topology.PUBLISHERS.items():
        for event in events:
            how = "Published from the service's outbox, and again until the broker confirms it."
            yield f"{service}_sends_{_key(event)}", _operation("send", event, f"{service} sends {event.type}", how)
    for service, handlers in topology.SUBSCRIPTIONS.items():
        for handler, events in handlers.items():
            for event in events:
                queue = f"{service}.{handler}"
                how = f"From the queue `{queue}`; what cannot be handled waits in `{queue}.dead`."
                operation = _operation("receive", event, f"queue {queue}", how)
                bindings = {"amqp": {"deliveryMode": 2, "ack": True}}
                yield f"{service}_receives_{_key(event)}", operation | {"bindings": bindings}


def _operation(action: str, event: type[Event], title: str, description: str) -> dict[str, Any]:
    channel = f"#/channels/{_key(event)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "title": title,
        "summary": _summary(event),
        "description": description,
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"}],
    }
