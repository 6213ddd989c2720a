"""HTTP shapes of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Contract, Name

# Not strict: JSON has no enums, and a strict field would only accept enum members.
ScopeField = Annotated[Scope, Field(strict=False)]


class ApiKey(BaseModel):
    """A key, without its token."""

    id: UUID
    name: str
    scopes: Sequence[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewApiKey(Contract):
    """A key to create."""

    name: Name
    scopes: Annotated[list[ScopeField], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(ge=1, le=366, description="days until it expires")] = 90


class IssuedApiKey(ApiKey):
    """A new key with its token."""

    token: Annotated[str, Field(description="shown only in this response")]
