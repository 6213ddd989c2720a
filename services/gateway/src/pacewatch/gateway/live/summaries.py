"""Summaries of events for the live stream: plain values, the lengths of lists, and a few extras per event type."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.base import Event
from pacewatch.contracts.devices import ConnectivityChanged
from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.risk import RiskScored
from pacewatch.contracts.telemetry import TelemetryAccepted

MAX_TEXT_CHARS = 300
SAMPLE_SIZE = 5
MAX_FACTORS = 3


def summarise(event: Event) -> dict[str, Any]:
    """The event in at most a few kilobytes."""
    summary: dict[str, Any] = {}
    # Only plain values are dumped: an event may carry thousands of rows.
    compound = {name for name in type(event).model_fields if isinstance(getattr(event, name), list | dict | BaseModel)}
    for name, value in event.model_dump(mode="json", exclude=compound).items():
        if isinstance(value, str):
            summary[name] = value[:MAX_TEXT_CHARS]
        elif value is None or isinstance(value, bool | int | float):
            summary[name] = value
    for name in sorted(compound):
        if isinstance(value := getattr(event, name), list):
            summary[f"{name}_count"] = len(value)
    return summary | _EXTRAS.get(type(event), _no_extras)(event)


def _no_extras(_event: Any) -> dict[str, Any]:
    return {}


def _telemetry(event: TelemetryAccepted) -> dict[str, Any]:
    readings = event.readings
    sample = [
        {
            "device_id": readings.device_ids[row],
            "timestamp_s": readings.timestamps_s[row],
            "signals": {name: values[row] for name, values in readings.signals.items()},
        }
        for row in range(min(SAMPLE_SIZE, len(readings.device_ids)))
    ]
    return {"rows": len(readings.device_ids), "devices": len(set(readings.device_ids)), "sample": sample}


def _risk(event: RiskScored) -> dict[str, Any]:
    return {"levels": event.levels, "top": [device.model_dump(mode="json") for device in event.top[:SAMPLE_SIZE]]}


def _alert(event: AlertRaised) -> dict[str, Any]:
    return {"factors": [factor.text[:MAX_TEXT_CHARS] for factor in event.factors[:MAX_FACTORS]]}


def _counts(event: LabelsMatured | ConnectivityChanged) -> dict[str, Any]:
    return {"counts": event.counts.model_dump()}


_EXTRAS: dict[type[Event], Callable[[Any], dict[str, Any]]] = {
    TelemetryAccepted: _telemetry,
    RiskScored: _risk,
    AlertRaised: _alert,
    LabelsMatured: _counts,
    ConnectivityChanged: _counts,
}
