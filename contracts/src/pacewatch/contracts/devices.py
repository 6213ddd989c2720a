"""Devices: what they are, by the register, and whether they report as often as their profile says.

A value of the register holds from a moment on. Connectivity says nothing about the health of a device.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.base import Contract, DeviceId, Event, Name, SentDevice, UnixSeconds
from pacewatch.contracts.http.times import SentTime
from pacewatch.contracts.profile import Attribute, AttributeKind, Profile
from pacewatch.contracts.telemetry import RowError

MAX_DEVICES_PER_REQUEST = 2_000
MAX_ENTRIES_PER_EVENT = 2_000
MAX_DEVICES_LISTED = 20

AttributeValue = str | int | float
"""A text, a moment, or a number, as the attribute's kind says."""

ValidFrom = Annotated[SentTime, Field(description="from when the values hold; default: always")]

_VALUES: dict[AttributeKind, tuple[Any, str]] = {
    AttributeKind.TEXT: (Name, ""),
    AttributeKind.DATE: (SentTime, ""),
    AttributeKind.NUMBER: (float, ""),
}


@cache
def device_entry_model(profile: Profile) -> type[Contract]:
    """What is known of one device of `profile`: an attribute that is left out stays as it is, null withdraws it."""
    fields: dict[str, Any] = {profile.device_field: (SentDevice, ...), "valid_from": (ValidFrom, 0)}
    return create_model(f"{profile.name.capitalize()}DeviceEntry", __base__=Contract, **fields, **_fields(profile))


@cache
def attributes_model(profile: Profile) -> type[Contract]:
    """Values of attributes of `profile`; null withdraws one."""
    return create_model(f"{profile.name.capitalize()}Attributes", __base__=Contract, **_fields(profile))


def _fields(profile: Profile) -> dict[str, Any]:
    return {attribute.name: (_type(attribute), None) for attribute in profile.attributes}


def _type(attribute: Attribute) -> Any:
    kind, unit = _VALUES[attribute.kind]
    return Annotated[kind | None, Field(description=f"{attribute.label}{unit}")]


class RegisterReport(BaseModel):
    """Result of a request: changed + unchanged + rejected = received, counted by row."""

    registration_id: Annotated[UUID | None, Field(description="under which the changes are recorded; null: no change")]
    received: int
    changed: int
    unchanged: int
    rejected: int
    errors: Sequence[RowError]


class AttributeEntry(Contract):
    """One value of one attribute from a moment on: a text, a number (a date too), or neither, which withdraws it.

    Of the entries of a device, attribute and moment the one with the highest `number` counts.
    """

    number: int
    device_id: DeviceId
    attribute: Name
    valid_from_s: UnixSeconds
    as_text: Name | None = None
    as_number: float | None = None


class DeviceRegistered(Event):
    """The register of devices changed; at most 2,000 entries of one registration, which may have several events."""

    type: ClassVar[str] = "device.registered"

    registration_id: UUID
    recorded_at: datetime
    entries: list[AttributeEntry]

    def subject(self) -> str:
        return str(self.registration_id)


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
    within one cadence that the network or the gateway has failed rather than the devices. A span of downtime says that
    Pacewatch itself received nothing in it, which is nobody's silence; one event names it, even if no device changed.
    """

    type: ClassVar[str] = "connectivity.changed"

    as_of: datetime
    changed: int = Field(ge=0)
    counts: LinkCounts
    fleet_wide: bool
    devices: list[DeviceLink] = Field(max_length=MAX_DEVICES_LISTED)
    downtime_began_at: datetime | None = None
    downtime_ended_at: datetime | None = None
