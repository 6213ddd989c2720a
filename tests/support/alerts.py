"""Alert events as inference emits them, for a device of any profile."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pacewatch.contracts.alerts import AlertCleared, AlertKind, AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.risk import Factor

RAISED_AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def alert_raised(alert_id: UUID | None = None, profile: Profile = PACEMAKER, **changes: Any) -> AlertRaised:
    """An alert of device 17; every second signal of its reading is above normal."""
    signals = {
        signal.name: signal.normal.high * (1.4 if index % 2 else 0.8) for index, signal in enumerate(profile.signals)
    }
    factors = [
        Factor(name=feature.name, value=1.5, contribution=0.2 - 0.15 * index, text=f"{label} +0.9 {unit} in 3 days")
        for index, feature in enumerate(profile.required_features[:3])
        for label, unit in [(profile.signal(feature.signal).label, profile.signal(feature.signal).unit)]
    ]
    values: dict[str, Any] = {
        "alert_id": alert_id or uuid4(),
        "device_id": 17,
        "kind": AlertKind.FAILURE_RISK,
        "risk": 0.62,
        "threshold": 0.21,
        "factors": factors,
        "signals": signals,
        "timestamp_s": int(RAISED_AT.timestamp()) - 300,
        "model_version": "20261119T020000Z",
        "raised_at": RAISED_AT,
    }
    return AlertRaised(**values | changes)


def alert_cleared(alert: AlertRaised) -> AlertCleared:
    """The event that ends `alert`, two days later."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return AlertCleared(alert_id=alert.alert_id, device_id=alert.device_id, kind=alert.kind, risk=0.01, cleared_at=at)
