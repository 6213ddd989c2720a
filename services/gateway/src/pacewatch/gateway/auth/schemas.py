"""HTTP shapes of logging in."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from pacewatch.contracts.base import Contract, Text
from pacewatch.gateway.accounts.schemas import Password

OldPassword = Annotated[Text, Field(min_length=1, max_length=1_000)]
Code = Annotated[Text, Field(max_length=20, description="six digits, of an authenticator app")]


class Token(BaseModel):
    """An access token; the refresh token is in a cookie that no script can read."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - a scheme's name
    expires_in: Annotated[int, Field(description="seconds")]


class Me(BaseModel):
    """The caller."""

    email: Annotated[str, Field(description="or key:<id> of an API key")]
    role: str
    scopes: Sequence[str]


class PasswordChange(Contract):
    """The caller's own password, old and new, and a code if the account needs one."""

    old_password: OldPassword
    new_password: Password
    code: Code = ""


class TotpStart(Contract):
    """The caller's password."""

    password: OldPassword


class TotpSecret(BaseModel):
    """The secret of a second factor; only this response shows it."""

    secret: Annotated[str, Field(description="base32, to type into an authenticator app")]
    uri: Annotated[str, Field(description="otpauth://, to show as a QR code")]


class TotpConfirmation(Contract):
    """The first code of a second factor."""

    code: Code


class TotpRemoval(Contract):
    """The caller's password, and a code."""

    password: OldPassword
    code: Code
