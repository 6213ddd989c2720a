"""Summaries of events are small, even for events that carry thousands of rows."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from support.alerts import alert_raised

from pacewatch.contracts.devices import ConnectivityChanged, DeviceLink, LinkCounts, LinkState
from pacewatch.contracts.models import ArtifactReference, GateResult, ModelActivated
from pacewatch.contracts.telemetry import Mode, ReadingColumns, TelemetryAccepted
from pacewatch.gateway.live.summaries import summarise

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_batch_of_a_thousand_rows_becomes_two_counts_and_a_sample() -> None:
    readings = ReadingColumns(
        device_ids=[n // 2 for n in range(1_000)], timestamps_s=list(range(1_000)), signals={"x": [1.5] * 1_000}
    )
    event = TelemetryAccepted(batch_id=uuid4(), mode=Mode.LIVE, profile="p", received_at=NOW, readings=readings)
    summary = summarise(event)
    assert (summary["rows"], summary["devices"], summary["mode"]) == (1_000, 500, "live")
    assert summary["sample"][0] == {"device_id": 0, "timestamp_s": 0, "signals": {"x": 1.5}}
    assert len(json.dumps(summary)) < 1_000


def test_alert_keeps_its_risk_and_the_texts_of_its_factors() -> None:
    alert = alert_raised()
    summary = summarise(alert)
    assert (summary["device_id"], summary["risk"], summary["threshold"]) == (17, 0.62, 0.21)
    assert summary["factors"] == [factor.text for factor in alert.factors]
    assert "signals" not in summary


def test_manifest_signature_and_gate_results_are_left_out() -> None:
    event = ModelActivated(
        version="20261119T020000Z",
        previous=None,
        sequence=1,
        artifact=ArtifactReference(uri="file:///a", sha256="0" * 64, manifest_json="{}" * 5_000, signature="s"),
        threshold=0.2,
        actor="ada@example.org",
        reason="r" * 2_000,
        gate=[GateResult(check="c", passed=True, value=1.0, limit=0.5, message="m")],
        activated_at=NOW,
    )
    summary = summarise(event)
    assert summary.keys().isdisjoint({"artifact", "gate"})
    assert (summary["gate_count"], summary["version"]) == (1, "20261119T020000Z")
    assert len(json.dumps(summary)) < 1_000


def test_connectivity_change_becomes_counts_without_a_list_of_devices() -> None:
    silent = [DeviceLink(device_id=number, state=LinkState.LATE, last_heard_at=NOW) for number in range(20)]
    counts = LinkCounts(connected=1, late=900, disconnected=9)
    event = ConnectivityChanged(as_of=NOW, changed=900, counts=counts, fleet_wide=True, devices=silent)
    summary = summarise(event)
    assert (summary["changed"], summary["fleet_wide"], summary["devices_count"]) == (900, True, 20)
    assert summary["counts"] == {"connected": 1, "late": 900, "disconnected": 9}
