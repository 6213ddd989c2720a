"""An example of every event, as a fleet of pacemakers sends it: AsyncAPI shows them, so a reader sees real values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pacewatch.contracts import alerts, devices, labels, models, outcomes, pipelines, risk, telemetry, training
from pacewatch.contracts.base import Event
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

_ID: Final = UUID("0b8f6f9e-6a57-4c39-8f0e-3b1f2f4f6a10")
_ALERT: Final = UUID("5d0a1f53-7f0c-4a52-9f35-0f6c0a8e9c31")
_DEVICE: Final = 17
AT: Final = datetime(2026, 1, 1, 6, 0, 5, tzinfo=UTC)
_VERSION: Final = "20260101T030405Z"
_PERSON: Final = "engineer@example.org"
_VALUES: Final = {
    signal.name: round((signal.normal.low + signal.normal.high) / 2, signal.decimals) for signal in PACEMAKER.signals
}
_ARTIFACT: Final = models.ArtifactReference(
    uri=f"models/{'5f' * 32}.joblib", sha256="5f" * 32, manifest_json='{"profile": "pacemaker"}', signature="c2lnbmVk"
)
_PASSED: Final = models.GateResult(check="roc_auc", passed=True, value=0.88, limit=0.8, message="ROC-AUC")
_KEPT_BACK: Final = models.GateResult(check="roc_auc", passed=False, value=0.71, limit=0.8, message="ROC-AUC")
_FACTOR: Final = risk.Factor(
    name="lead_impedance_ohms", value=1_450.0, contribution=1.2, text="Lead impedance is 1450 ohms"
)


def examples() -> Mapping[type[Event], Event]:
    """One event of each type."""
    return {type(event): event for event in (*_of_devices(), *_of_alerts(), *_of_runs(), *_of_models())}


def _of_devices() -> tuple[Event, ...]:
    columns = {name: [value] for name, value in _VALUES.items()}
    entry = devices.AttributeEntry(
        number=1, device_id=_DEVICE, attribute="implanted_at", valid_from_s=0, as_number=1_700_000_000
    )
    link = devices.DeviceLink(device_id=_DEVICE, state=devices.LinkState.LATE, last_heard_at=AT)
    readings = telemetry.ReadingColumns(device_ids=[_DEVICE], timestamps_s=[telemetry.EXAMPLE_S], signals=columns)
    return (
        telemetry.TelemetryAccepted(
            batch_id=_ID, mode=telemetry.Mode.LIVE, profile=PACEMAKER.name, received_at=AT, readings=readings
        ),
        outcomes.OutcomeRecorded(
            outcome_id=_ID,
            device_id=_DEVICE,
            kind=outcomes.OutcomeKind.FAILURE,
            mode="lead fracture",
            occurred_at=AT,
            learnt_at=AT,
        ),
        devices.DeviceRegistered(registration_id=_ID, recorded_at=AT, entries=[entry]),
        labels.LabelsMatured(
            as_of=AT, moved=300, counts=labels.LabelCounts(unresolved=2_100, positive=40, negative=33_000, censored=12)
        ),
        devices.ConnectivityChanged(
            as_of=AT,
            changed=1,
            counts=devices.LinkCounts(connected=299, late=1, disconnected=0),
            fleet_wide=False,
            devices=[link],
        ),
    )


def _of_alerts() -> tuple[Event, ...]:
    levels = {risk.RiskLevel.HIGH: 1, risk.RiskLevel.ELEVATED: 3, risk.RiskLevel.NORMAL: 296}
    top = risk.TopRisk(device_id=_DEVICE, risk=0.41, level=risk.RiskLevel.HIGH)
    kind, mail = alerts.AlertKind.FAILURE_RISK, f"{_ALERT}.0123456789abcdef@pacewatch"
    return (
        risk.RiskScored(batch_id=_ID, model_version=_VERSION, scored=300, levels=levels, top=[top], scored_at=AT),
        alerts.AlertRaised(
            alert_id=_ALERT,
            device_id=_DEVICE,
            kind=kind,
            risk=0.41,
            threshold=0.32,
            relative_risk=12.0,
            factors=[_FACTOR],
            signals=_VALUES,
            timestamp_s=telemetry.EXAMPLE_S,
            model_version=_VERSION,
            raised_at=AT,
        ),
        alerts.AlertCleared(alert_id=_ALERT, device_id=_DEVICE, kind=kind, risk=0.1, cleared_at=AT),
        alerts.NotificationSent(alert_id=_ALERT, recipient=_PERSON, message_id=mail, attempt=1, sent_at=AT),
        alerts.NotificationFailed(
            alert_id=_ALERT, recipient=_PERSON, message_id=mail, attempt=5, reason="550 there is no such mailbox"
        ),
    )


def _of_runs() -> tuple[Event, ...]:
    status = pipelines.StageStatus.SUCCEEDED
    return (
        training.TrainingRequested(run_id=_ID, reason="daily", as_of=AT, parameters={}, actor="schedule"),
        training.TrainingProgressed(run_id=_ID, stage="train", percent=40, message="origin 3 of 8"),
        training.TrainingFailed(run_id=_ID, stage="pull", message="no settled readings yet"),
        training.TrainingCancelled(run_id=_ID, actor=_PERSON),
        pipelines.PipelineReported(
            pipeline_run_id="4711", pipeline="train", stage="test", status=status, commit="726bfdb", reported_at=AT
        ),
    )


def _of_models() -> tuple[Event, ...]:
    return (
        models.ModelCandidate(
            run_id=_ID,
            version=_VERSION,
            artifact=_ARTIFACT,
            metrics={"roc_auc": 0.88},
            dataset={"rows": 35_000},
            parameters={"seed": 7},
            trained_at=AT,
        ),
        models.ModelRejected(version=_VERSION, reason="kept back by the gate: roc_auc", gate=[_KEPT_BACK]),
        models.ModelActivated(
            version=_VERSION,
            previous=None,
            sequence=1,
            artifact=_ARTIFACT,
            threshold=0.32,
            actor="gate",
            reason="passed",
            gate=[_PASSED],
            activated_at=AT,
        ),
        models.ModelDeleted(version=_VERSION, actor=_PERSON),
    )
