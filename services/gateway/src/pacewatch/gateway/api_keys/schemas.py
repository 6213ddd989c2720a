"""HTTP shapes of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Contract, DeviceId, Name

# The token carries them in a header.
MAX_RANGES: Final = 50
MAX_SITES: Final = 20
MAX_DAYS: Final = 366
# Not strict: JSON has no enums, and a strict field would only accept enum members.
ScopeField = Annotated[Scope, Field(strict=False)]


class DeviceRange(Contract):
    """Devices by their ids, both ends included."""

    first: DeviceId
    last: DeviceId

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class ApiKey(BaseModel):
    """A key, without its token. In audits it is the actor `key:<id>`."""

    id: UUID
    name: str
    scopes: Sequence[Scope]
    devices: Annotated[Sequence[DeviceRange] | None, Field(description="the devices it is bound to; null: all")]
    sites: Annotated[Sequence[str] | None, Field(description="the sites it is bound to; null: all")]
    kid: Annotated[str | None, Field(description="id of the signing key; null: of a release that did not record it")]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewApiKey(Contract):
    """A key to create."""

    name: Annotated[Name, Field(description="unique among the keys that are not revoked")]
    scopes: Annotated[list[ScopeField], Field(min_length=1, max_length=len(Scope))]
    devices: Annotated[
        Annotated[list[DeviceRange], Field(min_length=1, max_length=MAX_RANGES)] | None,
        Field(description="rows of other devices are rejected; null: all devices"),
    ] = None
    sites: Annotated[
        Annotated[list[Name], Field(min_length=1, max_length=MAX_SITES)] | None,
        Field(description="rows of devices that the register has at no such site at their time are rejected"),
    ] = None
    days: Annotated[int, Field(ge=1, le=MAX_DAYS, description="days until it expires")] = 90


class IssuedApiKey(ApiKey):
    """A new key with its token."""

    token: Annotated[str, Field(description="shown only in this response")]
