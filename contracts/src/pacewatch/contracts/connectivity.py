"""Connectivity: whether devices report as often as their profile says. It says nothing about their health."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from pacewatch.contracts.base import Contract, DeviceId, Event

MAX_DEVICES_LISTED = 20


class LinkState(StrEnum):
    """State by how long a device has not reported, measured against its cadence."""

    CONNECTED = "connected"
    LATE = "late"
    DISCONNECTED = "disconnected"


class LinkCounts(Contract):
    """Devices by state, over the whole fleet."""

    connected: int = Field(ge=0)
    late: int = Field(ge=0)
    disconnected: int = Field(ge=0)


class DeviceLink(Contract):
    """The new state of a device, and when its last live reading arrived."""

    device_id: DeviceId
    state: LinkState
    last_heard_at: datetime


class ConnectivityChanged(Event):
    """As of `as_of`, `changed` devices changed state since the last such event; one event covers all of them.

    `devices` lists the first of them, silent devices before those that report again. `fleet_wide`: so many fell silent
    within one cadence that the network or the gateway has failed rather than the devices.
    """

    type: ClassVar[str] = "connectivity.changed"

    as_of: datetime
    changed: int = Field(ge=1)
    counts: LinkCounts
    fleet_wide: bool
    devices: list[DeviceLink] = Field(max_length=MAX_DEVICES_LISTED)
