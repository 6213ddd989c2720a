"""Publishers and subscribers of every event: each queue of the platform, declared once.

Every process declares all queues at start, so an event published before its consumer ever ran waits in its queue.
"""

from typing import Final

from pacewatch.contracts import (
    alerts,
    devices,
    labels,
    models,
    outcomes,
    pipelines,
    risk,
    telemetry,
    training,
)
from pacewatch.contracts.base import Event

EVENTS: Final[tuple[type[Event], ...]] = (
    telemetry.TelemetryAccepted,
    outcomes.OutcomeRecorded,
    devices.DeviceRegistered,
    labels.LabelsMatured,
    devices.ConnectivityChanged,
    risk.RiskScored,
    alerts.AlertRaised,
    alerts.AlertCleared,
    training.TrainingRequested,
    training.TrainingProgressed,
    training.TrainingFailed,
    training.TrainingCancelled,
    models.ModelCandidate,
    models.ModelRejected,
    models.ModelActivated,
    models.ModelDeleted,
    alerts.NotificationSent,
    alerts.NotificationFailed,
    pipelines.PipelineReported,
)

PUBLISHERS: Final[dict[str, tuple[type[Event], ...]]] = {
    "ingest": (
        telemetry.TelemetryAccepted,
        outcomes.OutcomeRecorded,
        devices.DeviceRegistered,
        labels.LabelsMatured,
        devices.ConnectivityChanged,
    ),
    "inference": (risk.RiskScored, alerts.AlertRaised, alerts.AlertCleared),
    "registry": (
        training.TrainingRequested,
        training.TrainingCancelled,
        models.ModelRejected,
        models.ModelActivated,
        models.ModelDeleted,
        pipelines.PipelineReported,
    ),
    "trainer_agent": (training.TrainingProgressed, training.TrainingFailed, models.ModelCandidate),
    "notifier": (alerts.NotificationSent, alerts.NotificationFailed),
}

# service -> handler -> the events it handles; the queue is named `<service>.<handler>`.
SUBSCRIPTIONS: Final[dict[str, dict[str, tuple[type[Event], ...]]]] = {
    "inference": {
        "on_telemetry_accepted": (telemetry.TelemetryAccepted,),
        "on_device_registered": (devices.DeviceRegistered,),
        "on_model_activated": (models.ModelActivated,),
    },
    "registry": {
        "on_model_candidate": (models.ModelCandidate,),
        "on_labels_matured": (labels.LabelsMatured,),
        "on_training_progressed": (training.TrainingProgressed,),
        "on_training_failed": (training.TrainingFailed,),
    },
    "notifier": {
        "on_alert_raised": (alerts.AlertRaised,),
        "on_alert_cleared": (alerts.AlertCleared,),
    },
    "trainer_agent": {
        "on_training_requested": (training.TrainingRequested,),
        "on_training_cancelled": (training.TrainingCancelled,),
    },
    "gateway": {"on_anything": EVENTS},
}
