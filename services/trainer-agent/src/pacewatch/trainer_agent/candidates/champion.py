"""The active model on the candidate's holdout: two models are compared on the same rows, or not at all.

The holdout is the newest fifth of the time. An older model's training and calibration ended before it, so the rows are
new to both.
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

QUERY: Final = f"SELECT version, uri, sha256, manifest_json, signature FROM {ACTIVE_ARTIFACT}"  # noqa: S608 - our own word
KEPT: Final = (
    "roc_auc", "pr_auc", "accuracy", "precision", "recall", "f1", "failures_caught", "lead_days",
    "alerts_per_100_device_months", "base_rate", "budget", "at_threshold", "holdout", "intervals",
)  # fmt: skip
"""Of the champion's figures; its curves are with the run that made it."""

# Not migrated yet, or a role that may only read what ingest shows.
UNREADABLE: Final = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)

log = logs.get(__name__)


async def active(source: Database) -> tuple[str, ArtifactReference] | None:
    """The active model's version and artifact, as the registry shows them; None while there is none to be seen."""
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


async def figures(
    kit: KitSettings, version: str, reference: ArtifactReference, trained: TrainedModel, failures: Failures
) -> dict[str, Any] | None:
    """The active model's figures on `trained.holdout`, with its version; None if it cannot be opened here."""
    try:
        data = await blobs.open_store(kit.artifact_url).get(reference.uri)
        signed = (reference.manifest_json, reference.signature, kit.artifact_keys().public())
        engine, _ = await asyncio.to_thread(artifact.unpack, data, *signed, trained.engine.profile)
    except (ArtifactRefusedError, OSError) as error:
        log.warning("champion_not_evaluated", version=version, reason=str(error) or repr(error))
        return None
    result = await asyncio.to_thread(engine.evaluate, trained.holdout, failures)
    return {"version": version} | {name: result[name] for name in KEPT}
