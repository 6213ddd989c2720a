"""Decides which model is active: activation, rollback, deletion. Of two changes at a time exactly one wins."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from pacewatch.contracts.base import Paging
from pacewatch.contracts.models import (
    Activation,
    ArtifactReference,
    GateResult,
    Model,
    ModelActivated,
    ModelDeleted,
    ModelStatus,
)
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.registry import errors
from pacewatch.registry.models import repository
from pacewatch.registry.models.repository import Active
from pacewatch.registry.schemas import ActivateRequest


async def get(session: Session, version: str) -> Model:
    """The model called `version`; NoSuchModel otherwise."""
    row = await _row(session, version)
    return told(row, await repository.active(session))


async def get_active(session: Session) -> Model:
    """The active model; NoActiveModel while there is none."""
    active = await repository.active(session)
    if active.version is None:
        raise errors.NoActiveModel()
    return told(await _row(session, active.version), active)


async def activate(session: Session, version: str, request: ActivateRequest, *, actor: str) -> Model:
    """Make `version` active if what the caller believes to be active is; nothing changes if it is active already."""
    row = await _row(session, version, lock=True)
    if row["status"] != ModelStatus.ACCEPTED:
        raise errors.ModelNotAccepted(f"model {version} is {row['status']}; only an accepted one can be activated")
    before = await repository.active(session)
    if "expected_active" in request.model_fields_set and before.version != request.expected_active:
        raise errors.ActiveModelChanged(f"the active model is {before.version}; look again and decide anew")
    if before.version != version:
        fallback = before.sequence or None
        await change_active(session, row, before, fallback=fallback, actor=actor, reason=request.reason)
    return await get(session, version)


async def rollback(session: Session, *, actor: str, reason: str) -> Model:
    """Undo the last activation that stands; NothingToRollBackTo when it was the first."""
    before = await repository.active(session)
    target = await repository.fallback(session, before.sequence)
    if target is None:
        raise errors.NothingToRollBackTo()
    row = await _row(session, target["version"], lock=True)
    if row["status"] != ModelStatus.ACCEPTED:
        raise errors.ActiveModelChanged()
    await change_active(session, row, before, fallback=target["fallback_sequence"], actor=actor, reason=reason)
    return await get(session, target["version"])


async def change_active(
    session: Session, row: RowMapping, before: Active, *, fallback: int | None, actor: str, reason: str
) -> None:
    """Compare and swap, log, tell; ActiveModelChanged if somebody else was faster. The caller holds `row`'s lock."""
    sequence = await repository.swap_active(session, before, row["version"])
    if sequence is None:
        raise errors.ActiveModelChanged()
    change = {"version": row["version"], "previous": before.version, "sequence": sequence}
    change |= {"actor": actor, "reason": reason, "activated_at": clock.now()}
    await repository.add_activation(session, fallback_sequence=fallback, **change)
    gate = [GateResult.model_validate(result) for result in row["gate"]]
    event = ModelActivated(artifact=artifact_of(row), threshold=row["threshold"], gate=gate, **change)
    await emit(session, event)


async def delete(session: Session, version: str, *, actor: str) -> Model:
    """Take `version` out of the registry; its record stays. Never what is active or what a rollback returns to."""
    if (await _row(session, version))["status"] == ModelStatus.CANDIDATE:
        raise errors.ModelUndecided()
    row = await _row(session, version, lock=True)
    active = await repository.active(session, lock=True)
    fallback = await repository.fallback(session, active.sequence)
    if version == active.version or (fallback is not None and version == fallback["version"]):
        raise errors.ModelInUse()
    if row["status"] != ModelStatus.DELETED:
        await repository.update(session, version, status=ModelStatus.DELETED)
        await emit(session, ModelDeleted(version=version, actor=actor))
    return await get(session, version)


async def page(session: Session, paging: Paging, *, deleted: bool) -> tuple[Sequence[Model], int]:
    """One page of models, newest first, and how many there are."""
    rows, total = await repository.page(session, paging, deleted=deleted)
    active = await repository.active(session)
    return [told(row, active) for row in rows], total


async def activation_page(session: Session, paging: Paging) -> tuple[Sequence[Activation], int]:
    """One page of activations, newest first, and how many there are."""
    rows, total = await repository.activation_page(session, paging)
    names = Activation.model_fields
    return [Activation(**{name: row[name] for name in names}) for row in rows], total


def artifact_of(row: RowMapping) -> ArtifactReference:
    """Where the model's bytes are, as its candidate said."""
    return ArtifactReference(
        uri=row["artifact_uri"],
        sha256=row["artifact_sha256"],
        manifest_json=row["manifest_json"],
        signature=row["signature"],
    )


def told(row: RowMapping, active: Active) -> Model:
    """The row as the API tells it."""
    is_active = row["version"] == active.version
    values = {name: row[name] for name in Model.model_fields if name in row}
    values["status"] = ModelStatus.ACTIVE if is_active else ModelStatus(row["status"])
    return Model(**values, active=is_active, sha256=row["artifact_sha256"])


async def _row(session: Session, version: str, *, lock: bool = False) -> RowMapping:
    row = await repository.find(session, version, lock=lock)
    if row is None:
        raise errors.NoSuchModel()
    return row
