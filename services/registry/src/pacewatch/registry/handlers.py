"""What the registry does on events. Deliveries repeat and arrive in any order."""

import json
from typing import Any

from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.models import ModelCandidate
from pacewatch.contracts.training import RunStatus, TrainingFailed, TrainingProgressed
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.registry.models import repository as models
from pacewatch.registry.runs import label_counts
from pacewatch.registry.runs import repository as runs

STARTED_ELSEWHERE = "started at the trainer"
TRAINER = "trainer-agent"


async def on_model_candidate(event: ModelCandidate, session: Session) -> None:
    """Store the candidate; the judge decides on it later, because its check takes seconds."""
    values = event.model_dump(include={"version", "run_id", "metrics", "dataset", "parameters", "trained_at"})
    values |= {"artifact_uri": event.artifact.uri, "artifact_sha256": event.artifact.sha256}
    values |= {"manifest_json": event.artifact.manifest_json, "signature": event.artifact.signature}
    await models.add_candidate(session, **values, **_unverified_values(event.artifact.manifest_json))
    await runs.add_started_elsewhere(session, event.run_id, STARTED_ELSEWHERE, TRAINER, clock.now())
    await runs.succeed(session, event.run_id, event.version, clock.now())


async def on_training_progressed(event: TrainingProgressed, session: Session) -> None:
    """Record the run's progress."""
    await runs.add_started_elsewhere(session, event.run_id, STARTED_ELSEWHERE, TRAINER, clock.now())
    await runs.progress(session, event.run_id, event.stage, event.percent, event.message)


async def on_training_failed(event: TrainingFailed, session: Session) -> None:
    """End the run as failed; nothing else changes."""
    await runs.add_started_elsewhere(session, event.run_id, STARTED_ELSEWHERE, TRAINER, clock.now())
    failure = {"stage": event.stage, "message": event.message}
    await runs.end(session, event.run_id, RunStatus.FAILED, clock.now(), **failure)


async def on_labels_matured(event: LabelsMatured, session: Session) -> None:
    """Store how many labels there are to train on."""
    await label_counts.store(session, event.as_of, event.counts.model_dump())


def _unverified_values(manifest_json: str) -> dict[str, Any]:
    """What the unverified manifest says of its model, for the list of models; the judge does not trust it."""
    try:
        manifest = json.loads(manifest_json)
        threshold = min(max(float(manifest["threshold"]), 0.0), 1.0)
        return {"algorithm": str(manifest["parameters"]["algorithm"])[:200], "threshold": threshold}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {"algorithm": "unknown", "threshold": 1.0}


HANDLERS: Handlers = {
    on_model_candidate: (ModelCandidate,),
    on_training_progressed: (TrainingProgressed,),
    on_training_failed: (TrainingFailed,),
    on_labels_matured: (LabelsMatured,),
}
