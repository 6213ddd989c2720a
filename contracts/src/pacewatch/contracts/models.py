"""Models: candidates, the gate they pass, and which version is active."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from pacewatch.contracts.base import Contract, Event, Name, Probability, Text

Version = Annotated[str, StringConstraints(pattern=r"^\d{8}T\d{6}Z$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ModelStatus(StrEnum):
    """`candidate` has passed nothing yet; `rejected` stays for audit; `accepted` passed the gate; one is `active`."""

    CANDIDATE = "candidate"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    DELETED = "deleted"


class GateResult(Contract):
    """One question of the gate and its answer."""

    check: Name
    passed: bool
    value: float | None
    limit: float | None
    message: Text


class ArtifactReference(Contract):
    """Where a model's bytes are and how to know them: the manifest's bytes are what is signed (Ed25519, base64)."""

    uri: Text
    sha256: Sha256
    manifest_json: str
    signature: Text


class ModelCandidate(Event):
    """A training run ended in a model that wants to be active."""

    type: ClassVar[str] = "model.candidate"

    run_id: UUID
    version: Version
    artifact: ArtifactReference
    metrics: dict[str, Any]
    dataset: dict[str, Any]
    parameters: dict[str, Any]
    trained_at: datetime

    def subject(self) -> str:
        return self.version


class ModelRejected(Event):
    """The gate said no; the active model is what it was."""

    type: ClassVar[str] = "model.rejected"

    version: Version
    reason: Text
    gate: list[GateResult]

    def subject(self) -> str:
        return self.version


class ModelActivated(Event):
    """From now on this version scores. `sequence` rises with every activation: an older one never undoes a newer."""

    type: ClassVar[str] = "model.activated"

    version: Version
    previous: Version | None
    sequence: int = Field(ge=1)
    artifact: ArtifactReference
    threshold: Probability
    actor: Text
    reason: Text
    gate: list[GateResult]
    activated_at: datetime

    def subject(self) -> str:
        return self.version


class ModelDeleted(Event):
    """A version was taken out of the registry; its record stays."""

    type: ClassVar[str] = "model.deleted"

    version: Version
    actor: Text

    def subject(self) -> str:
        return self.version


class Model(BaseModel):
    """One version as the registry tells it."""

    version: str
    status: ModelStatus
    active: bool
    trained_at: datetime
    activated_at: datetime | None
    run_id: UUID
    algorithm: str
    threshold: float
    metrics: dict[str, Any]
    dataset: dict[str, Any]
    parameters: dict[str, Any]
    gate: Sequence[GateResult]
    reason: str
    sha256: str


class Activation(BaseModel):
    """One change of the active model, by whom and why."""

    sequence: int
    version: str
    previous: str | None
    actor: str
    reason: str
    activated_at: datetime
