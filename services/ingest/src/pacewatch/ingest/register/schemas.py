"""HTTP schemas of the register of devices; the report on a request is in contracts."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model

from pacewatch.contracts.base import Contract, Name
from pacewatch.contracts.devices import AttributeValue, RegisterReport, ValidFrom, attributes_model
from pacewatch.contracts.http.times import OptionalTime
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.replies import Refusal
from pacewatch.ingest.web import TextOptions
from pacewatch.kit.tables.device_names import DEVICE


class RefusedDevices(Refusal, RegisterReport):
    """The report of rows of which none is valid, as problem details."""


class RegisterOptions(TextOptions):
    """The query of a request that changes the register."""

    reason: Annotated[Name, Field(description="why the register changes; kept with every change")] = "import"


@cache
def registered_device_model(profile: Profile) -> type[BaseModel]:
    """One device of `profile` in the register, as it is at a moment."""
    fields: dict[str, Any] = {
        profile.device_field: (int, ...),
        "device": DEVICE,
        "attributes": (
            Annotated[Mapping[str, AttributeValue], Field(description="the known ones; dates in ISO 8601")],
            ...,
        ),
        "changed_at": (Annotated[datetime, Field(description="when the register last changed about it")], ...),
    }
    return create_model(f"Registered{profile.name.capitalize()}", **fields)


class RegisterEntry(BaseModel):
    """One recorded value of an attribute of a device, with who recorded it, when and why."""

    attribute: str
    value: Annotated[AttributeValue | None, Field(description="null: the value from this moment on is withdrawn")]
    valid_from: Annotated[OptionalTime, Field(description="from when it holds; null: always")]
    recorded_at: datetime
    actor: str
    reason: str
    registration_id: UUID


@cache
def device_change_model(profile: Profile) -> type[Contract]:
    """A change of one device of `profile`."""
    reason = Annotated[Name, Field(description="why the register changes")]
    fields: dict[str, Any] = {
        "reason": (reason, ...),
        "valid_from": (ValidFrom, 0),
        "attributes": (attributes_model(profile), ...),
    }
    return create_model(f"{profile.name.capitalize()}DeviceChange", __base__=Contract, **fields)
