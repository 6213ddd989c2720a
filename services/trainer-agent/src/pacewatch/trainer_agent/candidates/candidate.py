"""A trained model becomes a candidate: packed, signed and stored, with its curves and figures."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from pacewatch.contracts.models import ArtifactReference
from pacewatch.contracts.profiles import by_name
from pacewatch.kit import blobs
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts import artifact
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.report import plots, text
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.candidates import commit
from pacewatch.trainer_agent.settings import TrainerSettings


async def store(
    kit: KitSettings, own: TrainerSettings, run_id: UUID, trained: TrainedModel, created_at: datetime
) -> tuple[Manifest, ArtifactReference]:
    """Store the model as `models/SHA256.joblib`, its figures and curves as `runs/ID/*`; `created_at` is its version."""
    data, manifest, signature = await asyncio.to_thread(
        artifact.pack,
        trained.engine,
        kit.artifact_keys().private(),
        metrics=trained.metrics,
        dataset=trained.dataset,
        run_id=str(run_id),
        commit=commit.current(own),
        created_at=created_at,
    )
    files = blobs.open_store(kit.artifact_url)
    for name, content in (await asyncio.to_thread(report_files, manifest)).items():
        await files.put(f"runs/{run_id}/{name}", content)
    uri = await files.put(f"models/{manifest.sha256}.joblib", data)
    signed = {"manifest_json": manifest.canonical_json(), "signature": signature}
    return manifest, ArtifactReference(uri=uri, sha256=manifest.sha256, **signed)


def report_files(manifest: Manifest) -> dict[str, bytes]:
    """The curves as PNG, the report as text and all figures as JSON, by name."""
    with TemporaryDirectory() as folder:
        images = {path.name: path.read_bytes() for path in plots.write(manifest.metrics, Path(folder))}
    report = text.summarize(by_name(manifest.profile), manifest.metrics, manifest.dataset)
    return images | {"report.txt": report.encode(), "metrics.json": json.dumps(manifest.metrics, indent=1).encode()}
