"""Models: candidates, the gate they must pass, and which version is active."""

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
    """`candidate` waits for the gate; `rejected` did not pass it, or was refused; one accepted version is `active`."""

    CANDIDATE = "candidate"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    DELETED = "deleted"


class Verdict(StrEnum):
    """What the gate decided; `signed`: a person promoted a version that it had not let pass."""

    NONE = ""
    PASSED = "passed"
    KEPT_BACK = "kept back"
    INSUFFICIENT = "insufficient evidence"
    SIGNED = "signed"


class Judgement(BaseModel):
    """The verdict on a version, and by which gate file; `undecided` names the checks with too little evidence.

    `provisional`: the first model, promoted on too little evidence.
    """

    verdict: Verdict = Verdict.NONE
    gate_sha256: str = ""
    undecided: Sequence[str] = ()
    provisional: bool = False
    signed_by: str = ""
    signed_at: datetime | None = None


class GateResult(Contract):
    """One check of the gate and its result."""

    check: Name
    passed: bool
    value: float | None
    limit: float | None
    message: Text


class ArtifactReference(Contract):
    """Where an artifact is stored and how to verify it: `signature` (Ed25519, base64) signs the manifest's bytes."""

    uri: Text
    sha256: Sha256
    manifest_json: str
    signature: Text


class ModelCandidate(Event):
    """A training run produced a model; the registry runs the gate on it."""

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
    """The gate did not let a candidate pass, or it was refused; the active model stays."""

    type: ClassVar[str] = "model.rejected"

    version: Version
    reason: Text
    gate: list[GateResult]

    def subject(self) -> str:
        return self.version


class ModelActivated(Event):
    """This version scores from now on. `sequence` rises with every activation: consumers ignore an older one."""

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
    """A version was deleted from the registry; its record stays."""

    type: ClassVar[str] = "model.deleted"

    version: Version
    actor: Text

    def subject(self) -> str:
        return self.version


class Model(BaseModel):
    """One version as the registry returns it."""

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
    judgement: Judgement
    reason: str
    sha256: str


class Activation(BaseModel):
    """One change of the active model: who made it and why."""

    sequence: int
    version: str
    previous: str | None
    actor: str
    reason: str
    activated_at: datetime
