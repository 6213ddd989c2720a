"""What the documents of the HTTP API say of its parts and scopes.

The first segment of a path below /api/v1 is the tag of its operations.
"""

from typing import Final

PREFIX: Final = "/api/v1"

TAGS: Final[dict[str, str]] = {
    "telemetry": "Readings: batches and uploads, their audit, and what is stored",
    "outcomes": "What happened to devices, with corrections",
    "labels": "What is known of each reading within the horizon",
    "connectivity": "Which devices report, and which are late or disconnected",
    "devices": "The register of devices: attributes that hold from a moment on",
    "risk": "Devices by risk, each with its newest score and the factors behind it",
    "predictions": "Stored scores of a device",
    "predict": "Score readings without storing them",
    "models": "Versions of the model, the gate's verdicts, and which one scores",
    "activations": "Every change of the active model",
    "training-runs": "Training: requested, running, ended",
    "pipeline-runs": "What pipelines outside the platform report",
    "alerts": "Notifications about episodes: open, acknowledged or cleared",
    "deliveries": "Mails of alerts",
    "auth": "Logging in and out, and one's own account",
    "users": "Accounts, for superusers",
    "api-keys": "Keys of devices, pipelines and programs, for superusers",
    "security-events": "Logins, refusals, uses of keys, for superusers",
    "live": "Every event as it happens, and the latest ones",
    "profile": "The kind of device that this deployment monitors",
    "clock": "Fleet time and wall time",
    "process": "Whether a process lives and is ready",
}

# By the values of `accounts.Scope`.
SCOPES: Final[dict[str, str]] = {
    "fleet:read": "read everything but accounts",
    "addresses:read": "see e-mail addresses, and addresses of clients",
    "alerts:acknowledge": "acknowledge alerts",
    "telemetry:write": "send readings",
    "outcomes:write": "record and correct outcomes",
    "devices:write": "change the register of devices",
    "training:run": "request and cancel training",
    "models:manage": "activate, promote, roll back and delete models",
    "pipelines:report": "report runs of pipelines",
    "alerts:dispatch": "send mails of alerts again",
    "users:manage": "manage accounts and keys, and read security events",
}
