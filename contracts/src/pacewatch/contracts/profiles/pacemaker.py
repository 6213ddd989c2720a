"""Implanted pacemakers with one ventricular lead that report once a day.

Normal ranges: clinical limits for pace-sense leads (under 250 ohm suggests an insulation breach, over 1,000 ohm a
conductor fracture), a capture threshold of 2 V as the usual limit for concern, 2.63 V as elective replacement time.
Hard limits: the replacement voltage, which makers define by three measurements in a row, and the impedances at which
programmers report a lead as broken.

A new lead matures for weeks: impedance falls and threshold rises and falls again, as in no later month (Kistler 2006).
Only hard limits give a level in the first four. The alert budget was chosen from the trade-off of a simulated year:
docs/decisions/0035-half-a-percent-a-day.md.
"""

from pacewatch.contracts.profile import (
    Attribute,
    AttributeKind,
    DeltaPerDay,
    Label,
    Limit,
    Profile,
    Range,
    RatioToBaseline,
    RollingMax,
    RollingMean,
    RollingMin,
    RollingStd,
    Signal,
    windows,
)
from pacewatch.contracts.profiles.features import SinceReading, outside_normal, worst_distance

_SIGNALS = (
    Signal("lead_impedance_ohms", "lead impedance", "ohm", Range(20, 10_000), Range(250, 1_000), decimals=0),
    Signal("capture_threshold_v", "capture threshold", "V", Range(0, 20), Range(0, 2.0), decimals=3),
    Signal("r_wave_sensing_mv", "R-wave sensing", "mV", Range(0, 50), Range(3, 25), decimals=1),
    Signal("battery_voltage_v", "battery voltage", "V", Range(0.5, 4.0), Range(2.64, 3.0), decimals=2),
)
_LEAD = ("lead_impedance_ohms", "capture_threshold_v")
_ALL = tuple(signal.name for signal in _SIGNALS)

PACEMAKER = Profile(
    name="pacemaker",
    device_noun="patient",
    device_field="patient_id",
    signals=_SIGNALS,
    required_features=windows((RollingMean, DeltaPerDay), _LEAD, (3, 7)),
    extra_features=(
        *windows((RollingMean,), ("r_wave_sensing_mv", "battery_voltage_v"), (3, 7)),
        *windows((RollingMean,), _ALL, (30,)),
        *windows((RollingStd, RollingMin, RollingMax), _ALL, (7, 30)),
        *windows((RatioToBaseline,), _ALL, (30,)),
        *windows((outside_normal,), _SIGNALS, (7, 30)),
        worst_distance(_SIGNALS),
        SinceReading(30),
    ),
    retired_features=windows((RollingStd, RollingMin, RollingMax), _ALL, (3,)),
    label=Label("target_fail_next_7d", horizon_days=7),
    cadence_s=86_400,
    daily_alert_budget=0.005,
    epoch_s=1_104_537_600,  # 2005-01-01, when home monitoring of pacemakers became common
    limits=(
        Limit("battery_voltage_v", "low", 2.63, "elective replacement", readings=3),
        Limit("lead_impedance_ohms", "low", 200, "insulation breach"),
        Limit("lead_impedance_ohms", "high", 3_000, "conductor fracture"),
    ),
    attributes=(
        Attribute("implanted_at", "implanted", AttributeKind.DATE, is_predictor=True, settling_days=28),
        Attribute("lead_model", "lead model", AttributeKind.TEXT),
        Attribute("vendor", "vendor", AttributeKind.TEXT),
        Attribute("lot", "lot", AttributeKind.TEXT),
        Attribute("site", "site", AttributeKind.TEXT),
    ),
)
