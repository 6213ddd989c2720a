"""Decides which model is active: activation, rollback, deletion. Of two simultaneous changes exactly one succeeds.

What a person activates is checked first, as the judge checks a candidate: a key may be trusted no longer, a file may
be gone. No row is locked meanwhile, because a check takes seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import RowMapping

from pacewatch.contracts.base import Paging
from pacewatch.contracts.models import (
    Activation,
    ArtifactReference,
    GateResult,
    Judgement,
    Model,
    ModelActivated,
    ModelDeleted,
    ModelStatus,
    Verdict,
)
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.http.auth import API_KEY_ROLE, Principal
from pacewatch.kit.messaging.outbox import emit
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.registry import errors
from pacewatch.registry.models import repository
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.models.repository import Active
from pacewatch.registry.models.schemas import ActivateRequest, PromoteRequest

# By the code of a refused artifact: what makes this very model usable again.
_REMEDIES: Final = {
    "signature_invalid": "trust the key that signed it again (PACEWATCH_ARTIFACT_PUBLIC_KEY of every service)",
    "artifact_missing": "put its file back",
    "hash_mismatch": "put its file back as it was",
}

log = logs.get(__name__)


async def get(session: Session, version: str) -> Model:
    """One model; NoSuchModel if there is none."""
    row = await _find_row(session, version)
    return _to_response(row, await repository.get_active(session))


async def get_active(session: Session) -> Model:
    """The active model; NoActiveModel while there is none."""
    active = await repository.get_active(session)
    if active.version is None:
        raise errors.NoActiveModel()
    return _to_response(await _find_row(session, active.version), active)


async def activate(
    session: Session, checker: ArtifactChecker, version: str, request: ActivateRequest, *, actor: str
) -> Model:
    """Make `version` active, if the version that the caller expects to be active is; no change if it is active already.

    NoSuchModel, ModelNotAccepted, ModelUnusable, ArtifactUnreadable, ActiveModelChanged.
    """
    await _require_usable(checker, await _find_accepted(session, version))
    row = await _find_accepted(session, version, lock=True)
    before = await repository.get_active(session)
    if "expected_active" in request.model_fields_set and before.version != request.expected_active:
        raise errors.ActiveModelChanged(f"the active model is {before.version}; check it and decide again")
    if before.version != version:
        fallback = before.sequence or None
        await change_active(session, row, before, fallback=fallback, actor=actor, reason=request.reason)
    return await get(session, version)


async def promote(
    session: Session, checker: ArtifactChecker, version: str, request: PromoteRequest, *, actor: Principal
) -> Model:
    """Activate a version that the gate kept back: the person signs, with a reason, and is named for ever.

    NeedsPerson for an API key, NoSuchModel, NothingToSign for a version that never came before the gate or passed it,
    ModelUnusable, ArtifactUnreadable, ActiveModelChanged.
    """
    if actor.role == API_KEY_ROLE:
        raise errors.NeedsPerson()
    await _require_usable(checker, await _find_kept_back(session, version))
    row = await _find_kept_back(session, version, lock=True)
    judgement = Judgement.model_validate(row["judgement"])
    before = await repository.get_active(session)
    if "expected_active" in request.model_fields_set and before.version != request.expected_active:
        raise errors.ActiveModelChanged(f"the active model is {before.version}; check it and decide again")
    signed = judgement.model_copy(
        update={"verdict": Verdict.SIGNED, "signed_by": actor.name, "signed_at": clock.now()}
    ).model_dump(mode="json")
    reason = f"signed: {request.reason}; the gate had said {row['reason']}"[:2_000]
    await repository.update(session, version, status=ModelStatus.ACCEPTED, judgement=signed, reason=reason)
    row = await _find_row(session, version)
    fallback = before.sequence or None
    await change_active(session, row, before, fallback=fallback, actor=actor.name, reason=request.reason)
    return await get(session, version)


async def roll_back(session: Session, checker: ArtifactChecker, *, actor: str, reason: str) -> Model:
    """Undo the last activation that has not been rolled back.

    NothingToRollBackTo if it was the first, ModelUnusable, ArtifactUnreadable, ActiveModelChanged.
    """
    before = await repository.get_active(session)
    target = await repository.find_rollback_target(session, before.sequence)
    if target is None:
        raise errors.NothingToRollBackTo()
    await _require_usable(checker, await _find_row(session, target["version"]))
    row = await _find_row(session, target["version"], lock=True)
    if row["status"] != ModelStatus.ACCEPTED:
        raise errors.ActiveModelChanged()
    await change_active(session, row, before, fallback=target["fallback_sequence"], actor=actor, reason=reason)
    return await get(session, target["version"])


async def change_active(
    session: Session, row: RowMapping, before: Active, *, fallback: int | None, actor: str, reason: str
) -> None:
    """Compare and swap the active model, record the activation and publish it; the caller holds `row`'s lock.

    ActiveModelChanged if another change came first. `fallback` is the sequence of the activation a rollback returns to.
    """
    sequence = await repository.swap_active(session, before, row["version"])
    if sequence is None:
        raise errors.ActiveModelChanged()
    change = {"version": row["version"], "previous": before.version, "sequence": sequence}
    change |= {"actor": actor, "reason": reason, "activated_at": clock.now()}
    await repository.add_activation(session, fallback_sequence=fallback, **change)
    await emit(session, activated(row, change), event_id(row["version"], sequence))


async def delete(session: Session, version: str, *, actor: str) -> Model:
    """Mark `version` as deleted; its record stays. ModelUndecided for a candidate.

    ModelInUse for the active model and for the one a rollback would return to.
    """
    if (await _find_row(session, version))["status"] == ModelStatus.CANDIDATE:
        raise errors.ModelUndecided()
    row = await _find_row(session, version, lock=True)
    active = await repository.get_active(session, lock=True)
    target = await repository.find_rollback_target(session, active.sequence)
    if version == active.version or (target is not None and version == target["version"]):
        raise errors.ModelInUse()
    if row["status"] != ModelStatus.DELETED:
        await repository.update(session, version, status=ModelStatus.DELETED)
        await emit(session, ModelDeleted(version=version, actor=actor))
    return await get(session, version)


async def list_models(session: Session, paging: Paging, *, include_deleted: bool) -> tuple[Sequence[Model], int]:
    """One page of models, newest first, and the total count."""
    rows, total = await repository.list_models(session, paging, deleted=include_deleted)
    active = await repository.get_active(session)
    return [_to_response(row, active) for row in rows], total


async def list_activations(session: Session, paging: Paging) -> tuple[Sequence[Activation], int]:
    """One page of activations, newest first, and the total count."""
    rows, total = await repository.list_activations(session, paging)
    names = Activation.model_fields
    return [Activation(**{name: row[name] for name in names}) for row in rows], total


def event_id(version: str, sequence: int) -> UUID:
    """The id of the event of an activation: the same whenever it is computed."""
    return uuid5(NAMESPACE_OID, f"{ModelActivated.type} {version} {sequence}")


def activated(row: RowMapping, change: Mapping[str, Any]) -> ModelActivated:
    """The event of an activation, `change`, of the model in `row`."""
    gate = [GateResult.model_validate(result) for result in row["gate"]]
    names = ("version", "previous", "sequence", "actor", "reason", "activated_at")
    of_change = {name: change[name] for name in names}
    return ModelActivated(artifact=artifact_of(row), threshold=row["threshold"], gate=gate, **of_change)


def artifact_of(row: RowMapping) -> ArtifactReference:
    """Where the model's artifact is, as its candidate event said."""
    return ArtifactReference(
        uri=row["artifact_uri"],
        sha256=row["artifact_sha256"],
        manifest_json=row["manifest_json"],
        signature=row["signature"],
    )


def _to_response(row: RowMapping, active: Active) -> Model:
    is_active = row["version"] == active.version
    values = {name: row[name] for name in Model.model_fields if name in row}
    values["status"] = ModelStatus.ACTIVE if is_active else ModelStatus(row["status"])
    return Model(**values, active=is_active, sha256=row["artifact_sha256"])


async def _require_usable(checker: ArtifactChecker, row: RowMapping) -> None:
    """ModelUnusable if no process that trusts the keys of this one could open the model; ArtifactUnreadable."""
    version: str = row["version"]
    try:
        await checker.check(version, str(row["run_id"]), artifact_of(row))
    except ArtifactRefusedError as refused:
        log.warning("activation_refused", version=version, code=refused.code, reason=str(refused))
        remedy = _REMEDIES.get(refused.code)
        message = f"model {version} cannot be opened ({refused.code}: {refused}); nothing was changed: "
        message += f"{remedy}, or " if remedy else ""
        raise errors.ModelUnusable(f"{message}activate another version, or train a new one") from None
    except Exception as error:
        log.warning("artifact_unreadable", version=version, reason=repr(error))
        raise errors.ArtifactUnreadable() from error


async def _find_accepted(session: Session, version: str, *, lock: bool = False) -> RowMapping:
    row = await _find_row(session, version, lock=lock)
    if row["status"] != ModelStatus.ACCEPTED:
        raise errors.ModelNotAccepted(f"model {version} is {row['status']}; only an accepted one can be activated")
    return row


async def _find_kept_back(session: Session, version: str, *, lock: bool = False) -> RowMapping:
    row = await _find_row(session, version, lock=lock)
    verdict = Judgement.model_validate(row["judgement"]).verdict
    if row["status"] != ModelStatus.REJECTED or verdict not in (Verdict.KEPT_BACK, Verdict.INSUFFICIENT):
        raise errors.NothingToSign()
    return row


async def _find_row(session: Session, version: str, *, lock: bool = False) -> RowMapping:
    row = await repository.find(session, version, lock=lock)
    if row is None:
        raise errors.NoSuchModel()
    return row
