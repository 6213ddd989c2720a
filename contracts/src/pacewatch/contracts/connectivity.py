"""Connectivity: whether devices are heard from as often as they should be. It says nothing of how they are."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from pacewatch.contracts.base import Contract, DeviceId, Event

MAX_DEVICES_TOLD = 20


class LinkState(StrEnum):
    """By how long a device is silent against its cadence."""

    CONNECTED = "connected"
    LATE = "late"
    DISCONNECTED = "disconnected"


class LinkCounts(Contract):
    """Devices by state, over the whole fleet."""

    connected: int = Field(ge=0)
    late: int = Field(ge=0)
    disconnected: int = Field(ge=0)


class DeviceLink(Contract):
    """The state a device came to, and when live readings of it last came."""

    device_id: DeviceId
    state: LinkState
    last_heard_at: datetime


class ConnectivityChanged(Event):
    """As of `as_of`, `changed` devices are in another state than was told before: one fact, however many they are.

    `devices` are the first of them, the silent ones before those that are heard again. With `fleet_wide` so many fell
    silent within one cadence that the way to us has failed rather than they.
    """

    type: ClassVar[str] = "connectivity.changed"

    as_of: datetime
    changed: int = Field(ge=1)
    counts: LinkCounts
    fleet_wide: bool
    devices: list[DeviceLink] = Field(max_length=MAX_DEVICES_TOLD)
