"""Request bodies for activation and rollback; the shapes that other services share are in `contracts.models`."""

from typing import Annotated

from pydantic import Field

from pacewatch.contracts.base import Contract, Text
from pacewatch.contracts.models import Version


class ActivateRequest(Contract):
    """Which version the caller believes to be active; if left out, any active version is replaced."""

    expected_active: Version | None = Field(None, description="the active version you saw; null: none was active")
    reason: Text = "activated by a person"


class PromoteRequest(Contract):
    """Why a version that the gate did not let pass shall be active; the reason is kept with the name of the person."""

    reason: Annotated[Text, Field(min_length=10)]
    expected_active: Version | None = Field(None, description="the active version you saw; null: none was active")


class RollbackRequest(Contract):
    """Why the active model is rolled back."""

    reason: Text = "rolled back by a person"
