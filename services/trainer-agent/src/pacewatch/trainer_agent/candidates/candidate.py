"""A trained model becomes a candidate: signed and stored, its curves and figures beside it."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from pacewatch.contracts.models import ArtifactReference
from pacewatch.kit import blobs, clock
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.artifacts.manifest import Manifest, version_stamp
from pacewatch.ml.report import plots
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.candidates import commit
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.settings import TrainerSettings


async def store(
    database: Database, kit: KitSettings, own: TrainerSettings, run_id: UUID, trained: TrainedModel
) -> tuple[Manifest, ArtifactReference]:
    """The model as `models/SHA256.joblib`, its figures and curves as `runs/ID/*`: nobody has heard of it yet."""
    data, manifest, signature = await asyncio.to_thread(
        artifact.pack,
        trained.engine,
        kit.artifact_keys().private(),
        metrics=trained.metrics,
        dataset=trained.dataset,
        run_id=str(run_id),
        commit=commit.current(own),
        created_at=await _free_moment(database),
    )
    files = blobs.open_store(kit.artifact_url)
    for name, content in (await asyncio.to_thread(_beside, manifest)).items():
        await files.put(f"runs/{run_id}/{name}", content)
    uri = await files.put(f"models/{manifest.sha256}.joblib", data)
    signed = {"manifest_json": manifest.canonical_json(), "signature": signature}
    return manifest, ArtifactReference(uri=uri, sha256=manifest.sha256, **signed)


def _beside(manifest: Manifest) -> dict[str, bytes]:
    """What people look at: the curves as PNG, and all figures as JSON."""
    with TemporaryDirectory() as folder:
        drawn = {path.name: path.read_bytes() for path in plots.write(manifest.metrics, Path(folder))}
    return drawn | {"metrics.json": json.dumps(manifest.metrics, indent=1).encode()}


async def _free_moment(database: Database) -> datetime:
    """Fleet time, or the first second after it whose version is not taken: a fast clock can be set back."""
    moment = clock.now().replace(microsecond=0)
    async with database.transaction("trainer_agent") as session:
        while await repository.version_taken(session, version_stamp(moment)):
            moment += timedelta(seconds=1)
    return moment
