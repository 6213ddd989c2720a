"""Evaluates the champion, the active model, on the candidate's holdout, so both are compared on the same rows.

The holdout is the newest fifth of the time. Training and calibration of an older model ended before it, so its rows are
new to both models.
"""

import asyncio
from typing import Any, Final

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.models import ArtifactReference
from pacewatch.kit import blobs, logs
from pacewatch.kit.db import Database, driver
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.data.source import ACTIVE_ARTIFACT

QUERY: Final = f"SELECT version, uri, sha256, manifest_json, signature FROM {ACTIVE_ARTIFACT}"  # noqa: S608 - our own name
FIGURES: Final = (
    "roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "failures_caught", "lead_days",
    "alerts_per_100_device_months", "base_rate", "budget", "at_threshold", "holdout", "intervals",
)  # fmt: skip
"""The figures of the champion that are kept; its curves are with the run that trained it."""

# Not migrated yet, or a role that may read the views of ingest only.
UNREADABLE: Final = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)

log = logs.get(__name__)


async def active(source: Database) -> tuple[str, ArtifactReference] | None:
    """Version and artifact of the active model by the registry; None without one, or if it cannot be read."""
    try:
        async with source.transaction("trainer_agent") as session:
            await session.execute(sa.text("SET TRANSACTION READ ONLY"))
            row = await (await driver(session)).fetchrow(QUERY)
    except UNREADABLE as error:
        log.warning("champion_unknown", reason=str(error))
        return None
    if row is None:
        return None
    version, uri, sha256, manifest_json, signature = row
    return version, ArtifactReference(uri=uri, sha256=sha256, manifest_json=manifest_json, signature=signature)


async def evaluate(
    kit: KitSettings, version: str, reference: ArtifactReference, trained: TrainedModel, failures: Failures
) -> dict[str, Any] | None:
    """The figures of the active model on `trained.holdout`, with its version; None if it cannot be opened here."""
    try:
        data = await blobs.open_store(kit.artifact_url).get(reference.uri)
        signed = (reference.manifest_json, reference.signature, kit.artifact_keys().public_keys())
        engine, _ = await asyncio.to_thread(artifact.unpack, data, *signed, trained.engine.profile)
    except (ArtifactRefusedError, OSError) as error:
        log.warning("champion_not_evaluated", version=version, reason=str(error) or repr(error))
        return None
    result = await asyncio.to_thread(engine.evaluate, trained.holdout, failures)
    return {"version": version} | {name: result[name] for name in FIGURES}
