"""What the registry does when others tell something; deliveries repeat and come in any order."""

import json
from typing import Any

from pacewatch.contracts.labels import LabelsMatured
from pacewatch.contracts.models import ModelCandidate
from pacewatch.contracts.training import RunStatus, TrainingFailed, TrainingProgressed
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.registry.models import repository
from pacewatch.registry.runs import repository as runs_repository

ON_ITS_OWN = "started at the trainer"
TRAINER = "trainer-agent"


async def on_model_candidate(event: ModelCandidate, session: Session) -> None:
    """Record the candidate; the judge takes it up from there, because its check takes seconds."""
    values = event.model_dump(include={"version", "run_id", "metrics", "dataset", "parameters", "trained_at"})
    values |= {"artifact_uri": event.artifact.uri, "artifact_sha256": event.artifact.sha256}
    values |= {"manifest_json": event.artifact.manifest_json, "signature": event.artifact.signature}
    await repository.add_candidate(session, **values, **_claims(event.artifact.manifest_json))
    await runs_repository.add_foreign(session, event.run_id, ON_ITS_OWN, TRAINER, clock.now())
    await runs_repository.succeed(session, event.run_id, event.version, clock.now())


async def on_training_progressed(event: TrainingProgressed, session: Session) -> None:
    """Move the run on."""
    await runs_repository.add_foreign(session, event.run_id, ON_ITS_OWN, TRAINER, clock.now())
    await runs_repository.progress(session, event.run_id, event.stage, event.percent, event.message)


async def on_training_failed(event: TrainingFailed, session: Session) -> None:
    """End the run; nothing else changes."""
    await runs_repository.add_foreign(session, event.run_id, ON_ITS_OWN, TRAINER, clock.now())
    told = {"stage": event.stage, "message": event.message}
    await runs_repository.end(session, event.run_id, RunStatus.FAILED, clock.now(), **told)


async def on_labels_matured(event: LabelsMatured, session: Session) -> None:
    """Remember how much there is to train on."""
    await runs_repository.keep_counts(session, event.as_of, event.counts.model_dump())


def _claims(manifest_json: str) -> dict[str, Any]:
    """What an unverified manifest says of its model, for the list; the judge trusts none of it."""
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
