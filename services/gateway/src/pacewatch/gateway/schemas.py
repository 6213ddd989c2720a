"""HTTP shapes of accounts, the live stream and what the dashboard asks first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from pacewatch.contracts.accounts import Role, Scope
from pacewatch.contracts.base import Contract, Name, Text

SHORTEST_PASSWORD: Final = 8  # NIST SP 800-63B
LONGEST_EMAIL: Final = 254  # RFC 5321, 4.5.3.1.3

Email = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_EMAIL, pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
    ),
]
Password = Annotated[Text, Field(min_length=SHORTEST_PASSWORD, max_length=1_000)]
# JSON has no enums: a strict model would only take members.
GivenRole = Annotated[Role, Field(strict=False)]
GivenScope = Annotated[Scope, Field(strict=False)]


class Token(BaseModel):
    """An access token; the refresh token comes as a cookie that no script can read."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - a scheme's name
    expires_in: Annotated[int, Field(description="seconds")]


class Me(BaseModel):
    """Who the caller is."""

    email: Annotated[str, Field(description="or the name of the API key")]
    role: str
    scopes: Sequence[str]


class User(BaseModel):
    """An account."""

    id: UUID
    email: str
    role: Role
    disabled_at: datetime | None
    created_at: datetime


class NewUser(Contract):
    """An account to make."""

    email: Email
    password: Password
    role: GivenRole = Role.VIEWER


class UserChange(Contract):
    """What is to change; what is left out stays."""

    role: GivenRole | None = None
    password: Password | None = None
    disabled: bool | None = None


class ApiKey(BaseModel):
    """A key, without its secret."""

    id: UUID
    name: str
    scopes: Sequence[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewApiKey(Contract):
    """A key to make."""

    name: Name
    scopes: Annotated[list[GivenScope], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(ge=1, le=366, description="how long it is good for")] = 90


class IssuedApiKey(ApiKey):
    """A key as its owner sees it, this once."""

    token: Annotated[str, Field(description="shown now and never again")]


class LiveEvent(BaseModel):
    """One event in short."""

    seq: int
    type: str
    subject: str
    time: datetime
    correlation_id: str
    summary: dict[str, Any]


class Recent(BaseModel):
    """The last events, newest first; `last_seq` is where to go on from in the live stream."""

    items: Sequence[LiveEvent]
    last_seq: int


class RangeView(BaseModel):
    """Closed interval, in the signal's unit."""

    low: float
    high: float


class SignalView(BaseModel):
    """One measured quantity; outside `plausible` it is refused, outside `normal` it is shown."""

    name: str
    label: str
    unit: str
    decimals: int
    normal: RangeView
    plausible: RangeView


class LabelView(BaseModel):
    """What is predicted."""

    name: str
    horizon_days: int


class ProfileView(BaseModel):
    """The kind of device this deployment watches."""

    name: str
    device_noun: str
    device_field: str
    signals: Sequence[SignalView]
    label: LabelView
    cadence_s: int
    daily_alert_budget: float


class ClockView(BaseModel):
    """Fleet time, and how many of its seconds pass in one of ours."""

    fleet_time: datetime
    fleet_time_s: float
    speed: float
    wall_time: datetime
