"""HTTP shapes of logging in."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field


class Token(BaseModel):
    """An access token; the refresh token is in a cookie that no script can read."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - a scheme's name
    expires_in: Annotated[int, Field(description="seconds")]


class Me(BaseModel):
    """The caller."""

    email: Annotated[str, Field(description="or the name of the API key")]
    role: str
    scopes: Sequence[str]
