"""Compares the candidate with the champion, the active model, on rows that neither has learned from.

These are the judged rows newer than the champion's newest training row by more than the embargo. The candidate's side
are its out-of-time risks. The champion's side are its own predictions, computed here: they have the bits that it stored
in service (`pacewatch verify-scores`), except where readings arrived late, so the trainer needs no view of scores.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import sqlalchemy as sa

from pacewatch.contracts.models import ArtifactReference
from pacewatch.kit import blobs, logs
from pacewatch.kit.db import Database, driver
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.ml.evaluation import paired
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.models.ml_engine import MLEngine
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.data.source import ACTIVE_ARTIFACT

QUERY: Final = f"SELECT version, uri, sha256, manifest_json, signature FROM {ACTIVE_ARTIFACT}"  # noqa: S608 - our own name
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


async def compare(
    kit: KitSettings, version: str, reference: ArtifactReference, trained: TrainedModel, failures: Failures
) -> dict[str, Any] | None:
    """Both on the rows that are new to both, with the champion's version and threshold; None if it cannot be opened."""
    try:
        data = await blobs.open_store(kit.artifact_url).get(reference.uri)
        signed = (reference.manifest_json, reference.signature, kit.artifact_keys().public_keys())
        engine, manifest = await asyncio.to_thread(artifact.unpack, data, *signed, trained.engine.profile)
    except (ArtifactRefusedError, OSError) as error:
        log.warning("champion_not_evaluated", version=version, reason=str(error) or repr(error))
        return None
    figures = await asyncio.to_thread(beside_champion, trained, engine, manifest.dataset, failures)
    return {"version": version, "threshold": engine.threshold} | figures


def beside_champion(
    trained: TrainedModel, champion: MLEngine, learned: Mapping[str, Any], failures: Failures
) -> dict[str, Any]:
    """`paired.beside` on the rows that are new to both, and `from_s`, the first instant of which they are.

    `learned` is the dataset of the champion's manifest. Without its spans no row is known to be new.
    """
    times_s = trained.holdout.keys.timestamps_s
    until_s = learned_until_s(learned)
    from_s = until_s + champion.profile.label.horizon_s + 1 if until_s is not None else int(times_s.max()) + 1
    new = times_s >= from_s
    rows, risk = trained.holdout.where(new), trained.risk[new]
    figures = paired.beside(champion.profile, rows, risk, champion.predict_proba(rows.x), failures)
    return {"from_s": from_s} | figures


def learned_until_s(dataset: Mapping[str, Any]) -> int | None:
    """The newest row that a model learned from or was calibrated on; None if its manifest does not say."""
    spans = dataset.get("spans", {})
    # Models of 0.1.0 have a train, a validation and a test span, and learned nothing from the last.
    span = spans.get("final_fit") or spans.get("validation")
    return int(span["to_s"]) if span else None
