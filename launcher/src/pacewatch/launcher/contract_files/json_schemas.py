"""The JSON Schema of every event."""

from typing import Any

from pacewatch.contracts import topology
from pacewatch.kit.messaging.envelope import data_schema


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema by event type; its `$id` is what events name as their `dataschema`."""
    return {
        event.type: {"$id": data_schema(event.type, event.schema_version), **event.model_json_schema()}
        for event in topology.EVENTS
    }
