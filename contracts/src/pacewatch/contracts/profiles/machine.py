"""Factory machines that report once a day: the second fleet, which shows that no code depends on pacemakers.

Normal ranges are the 1st and 99th percentile of the machine-days in Microsoft's predictive-maintenance example.
docs/decisions/0012-machine-signals.md says why the sensors alone are not enough.
"""

from pacewatch.contracts.profile import (
    Attribute,
    AttributeKind,
    DeltaPerDay,
    Label,
    Profile,
    Range,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
    Signal,
    windows,
)

_ALL = ("voltage_v", "rotation_rpm", "pressure_psi", "vibration_mm_s", "errors_per_day", "since_service_days")
# In an order, so that one split of a tree can part some from the others; each code stays as it is.
_MODELS = ("model1", "model2", "model3", "model4")

MACHINE = Profile(
    name="machine",
    device_noun="machine",
    device_field="machine_id",
    signals=(
        Signal("voltage_v", "voltage", "V", Range(0, 500), Range(163, 191), decimals=1),
        Signal("rotation_rpm", "rotation", "rpm", Range(0, 2_000), Range(367, 474), decimals=0),
        Signal("pressure_psi", "pressure", "psi", Range(0, 500), Range(95, 125), decimals=1),
        Signal("vibration_mm_s", "vibration", "mm/s", Range(0, 200), Range(37.6, 50.2), decimals=1),
        Signal("errors_per_day", "error reports", "a day", Range(0, 1_000), Range(0, 2), decimals=0),
        Signal("since_service_days", "time since service", "days", Range(0, 10_000), Range(0, 30), decimals=0),
    ),
    required_features=windows((RollingMean, DeltaPerDay), _ALL, (3, 7)),
    extra_features=windows((RollingStd, RollingMin, RollingMax), _ALL, (3, 7)),
    label=Label("target_fail_next_7d", horizon_days=7),
    cadence_s=86_400,
    daily_alert_budget=0.15,
    epoch_s=946_684_800,  # 2000-01-01
    attributes=(
        Attribute("installed_at", "installed", AttributeKind.DATE, is_predictor=True),
        Attribute("model", "model", AttributeKind.TEXT, is_predictor=True, values=_MODELS),
        Attribute("site", "site", AttributeKind.TEXT),
    ),
)
