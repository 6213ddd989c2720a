"""An event in short, for people who watch: its plain values, how long its lists are, and a little of what matters."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.base import Event
from pacewatch.contracts.connectivity import ConnectivityChanged
from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.risk import RiskScored
from pacewatch.contracts.telemetry import TelemetryAccepted

LONGEST_TEXT = 300
SAMPLE = 5


def summarise(event: Event) -> dict[str, Any]:
    """At most a few kilobytes, whatever the event carries."""
    summary: dict[str, Any] = {}
    # Only what is plain is dumped: an event may carry thousands of rows.
    heavy = {name for name in type(event).model_fields if isinstance(getattr(event, name), list | dict | BaseModel)}
    for name, value in event.model_dump(mode="json", exclude=heavy).items():
        if isinstance(value, str):
            summary[name] = value[:LONGEST_TEXT]
        elif value is None or isinstance(value, bool | int | float):
            summary[name] = value
    for name in sorted(heavy):
        if isinstance(value := getattr(event, name), list):
            summary[f"{name}_count"] = len(value)
    return summary | _MORE.get(type(event), _nothing)(event)


def _nothing(_event: Any) -> dict[str, Any]:
    return {}


def _telemetry(event: TelemetryAccepted) -> dict[str, Any]:
    readings = event.readings
    sample = [
        {
            "device_id": readings.device_ids[row],
            "timestamp_s": readings.timestamps_s[row],
            "signals": {name: values[row] for name, values in readings.signals.items()},
        }
        for row in range(min(SAMPLE, len(readings.device_ids)))
    ]
    return {"rows": len(readings.device_ids), "devices": len(set(readings.device_ids)), "sample": sample}


def _risk(event: RiskScored) -> dict[str, Any]:
    return {"levels": event.levels, "top": [one.model_dump(mode="json") for one in event.top[:SAMPLE]]}


def _alert(event: AlertRaised) -> dict[str, Any]:
    return {"factors": [factor.text[:LONGEST_TEXT] for factor in event.factors[:3]]}


def _counts(event: LabelsMatured | ConnectivityChanged) -> dict[str, Any]:
    return {"counts": event.counts.model_dump()}


_MORE: dict[type[Event], Callable[[Any], dict[str, Any]]] = {
    TelemetryAccepted: _telemetry,
    RiskScored: _risk,
    AlertRaised: _alert,
    LabelsMatured: _counts,
    ConnectivityChanged: _counts,
}
