"""The JSON Schema of every event."""

from typing import Any

from pacewatch.contracts import topology


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema by event type."""
    return {event.type: event.model_json_schema() for event in topology.EVENTS}
