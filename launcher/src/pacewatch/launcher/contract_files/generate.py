"""The contracts as files other people's tools can read; generated from the code, and checked against it by `make lint`.

JSON Schema for every event, AsyncAPI 3 for who sends what to whom, OpenAPI for every service, and `.env.example`.
"""

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from pydantic import SecretStr
from pydantic.json_schema import models_json_schema
from pydantic_settings import BaseSettings

from pacewatch.contracts import topology
from pacewatch.contracts.base import Event
from pacewatch.contracts.version import VERSION
from pacewatch.kit.http import app as http
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import TARGETS, create_modules
from pacewatch.launcher.runtime.start_state import StartSettings


def generate() -> dict[str, str]:
    """Every generated file: its path from the root of the repository, and its whole text."""
    files = {f"contracts/schemas/{event.type}.json": _pretty(event.model_json_schema()) for event in topology.EVENTS}
    files["contracts/asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, width=110, allow_unicode=True)
    files |= {f"contracts/openapi/{name}.json": _pretty(document) for name, document in openapi().items()}
    files[".env.example"] = "\n".join(env_example()) + "\n"
    return files


def write(root: Path) -> list[str]:
    """Write the files that differ below `root`; returns their paths."""
    changed = stale(root)
    files = generate()
    for name in changed:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8")
    return changed


def stale(root: Path) -> list[str]:
    """Paths of the files below `root` that no longer say what the code says."""
    return [name for name, text in generate().items() if _read(root / name) != text]


def openapi() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of every service, as the pacemaker deployment serves it."""
    with TemporaryDirectory() as folder:
        settings = KitSettings(
            database_url=SecretStr("postgresql://nobody@localhost/nothing"), secrets_dir=Path(folder)
        )
        documents = {}
        for target in TARGETS:
            app = http.create_app(
                f"Pacewatch {target}", verifier=None, database=None, max_body_mib=settings.max_body_mib
            )
            for module in create_modules(target, settings):
                if module.router is not None:
                    app.include_router(module.router)
            if app.openapi()["paths"]:
                documents[target] = app.openapi()
        return documents


def asyncapi() -> dict[str, Any]:
    """Who sends what to whom, in AsyncAPI 3."""
    _, definitions = models_json_schema([(event, "validation") for event in topology.EVENTS], ref_template=_REFERENCE)
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


_REFERENCE = "#/components/schemas/{model}"


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
        "payload": {"$ref": _REFERENCE.format(model=event.__name__)},
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


def env_example() -> Iterator[str]:
    """Every variable the platform reads, with what it means and its default."""
    yield "# Every variable Pacewatch reads. Copy to .env and fill in what has no default."
    for title, kind in settings_classes().items():
        yield f"\n# -- {title}"
        prefix = kind.model_config.get("env_prefix", "")
        for name, field in kind.model_fields.items():
            default = "" if field.is_required() else _plain(field.get_default(call_default_factory=True))
            yield f"# {field.description or name}"
            yield f"{'' if field.is_required() else '# '}{prefix}{name.upper()}={default}"
    yield "\n# -- commands that speak to a running platform"
    yield "# an access token or API key\n# PACEWATCH_TOKEN="
    yield "# or the password of the account named by --email\n# PACEWATCH_PASSWORD="


def settings_classes() -> Mapping[str, type[BaseSettings]]:
    """The settings class of the platform and of each service that has one."""
    found: dict[str, type[BaseSettings]] = {"every process": KitSettings, "start state, of --target all": StartSettings}
    for target, module_path in TARGETS.items():
        module_name = module_path.replace(".module", ".settings")
        try:
            module = import_module(module_name)
        except ModuleNotFoundError:
            continue
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module_name:
                found[target] = value
    return found


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
