"""HTTP shapes of accounts."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from pacewatch.contracts.accounts import Role, fold_email
from pacewatch.contracts.base import Contract, Text

SHORTEST_PASSWORD: Final = 8  # NIST SP 800-63B
LONGEST_EMAIL: Final = 254  # RFC 5321, 4.5.3.1.3

Email = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_EMAIL, pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"
    ),
    AfterValidator(fold_email),
]


def _long_enough(password: str) -> str:
    """In words for people: Pydantic's speak of strings."""
    if len(password) < SHORTEST_PASSWORD:
        message = f"a password needs at least {SHORTEST_PASSWORD} characters"
        raise PydanticCustomError("password_too_short", message)
    return password


Password = Annotated[
    Text,
    Field(max_length=1_000, json_schema_extra={"minLength": SHORTEST_PASSWORD}),
    AfterValidator(_long_enough),
]
# Not strict: JSON has no enums, and a strict field would only accept enum members.
RoleField = Annotated[Role, Field(strict=False)]


class User(BaseModel):
    """An account."""

    id: UUID
    email: str
    role: Role
    disabled_at: datetime | None
    created_at: datetime
    has_totp: Annotated[bool, Field(description="whether a login needs a code")]


class NewUser(Contract):
    """An account to create."""

    email: Email
    password: Password
    role: RoleField = Role.VIEWER


class UserChange(Contract):
    """The changes to an account; a field that is left out stays as it is."""

    role: RoleField | None = None
    password: Password | None = None
    disabled: bool | None = None
    reset_totp: Annotated[bool, Field(description="true: a login needs no code any more; for a lost phone")] = False
