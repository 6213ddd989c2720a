"""HTTP shapes of the deployment's profile and clock."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from pacewatch.contracts.profile import AttributeKind


class RangeView(BaseModel):
    """Closed interval, in the signal's unit."""

    low: float
    high: float


class SignalView(BaseModel):
    """One signal; ingest rejects values outside `plausible`, the dashboard marks values outside `normal`."""

    name: str
    label: str
    unit: str
    decimals: int
    normal: RangeView
    plausible: RangeView


class AttributeView(BaseModel):
    """What the register of devices records of each device."""

    name: str
    label: str
    kind: AttributeKind


class LabelView(BaseModel):
    """What the model predicts."""

    name: str
    horizon_days: int


class ProfileView(BaseModel):
    """The kind of device this deployment monitors."""

    name: str
    device_noun: str
    device_field: str
    signals: Sequence[SignalView]
    attributes: Sequence[AttributeView]
    label: LabelView
    cadence_s: int
    daily_alert_budget: float


class ClockView(BaseModel):
    """Fleet time, and its speed in fleet seconds per wall second."""

    fleet_time: datetime
    speed: float
    wall_time: datetime
