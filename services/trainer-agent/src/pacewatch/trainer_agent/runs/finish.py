"""The end of a run: its row and its event in one transaction, then a copy in MLflow."""

import asyncio
from functools import partial

from pacewatch.contracts.models import ArtifactReference, ModelCandidate
from pacewatch.contracts.training import RunStatus, TrainingFailed
from pacewatch.kit import logs
from pacewatch.kit.messaging.outbox import emit
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.trainer_agent.candidates import commit, mlflow_copy
from pacewatch.trainer_agent.errors import SourceError
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.run import Result, Run

LONGEST_MESSAGE = 2_000

log = logs.get(__name__)


async def publish(run: Run, manifest: Manifest, reference: ArtifactReference) -> Result:
    """Record the success and publish the candidate."""
    run_id, version = run.lease.run_id, manifest.version
    figures = {"metrics": manifest.metrics, "dataset": manifest.dataset}
    event = ModelCandidate(
        run_id=run_id,
        version=version,
        artifact=reference,
        parameters=manifest.parameters,
        trained_at=manifest.created_at,
        **figures,
    )
    model = {"model_version": version, "data_sha256": manifest.dataset["sha256"], "commit": manifest.commit}
    done = {"stage": "done", "percent": 100, "message": f"model {version}", "durations_s": run.durations_s}
    async with run.database.transaction("trainer_agent") as session:
        await repository.end(session, run.lease, RunStatus.SUCCEEDED, **done, **figures, **model)
        await emit(session, event)
    await asyncio.to_thread(mlflow_copy.record, manifest, run.durations_s)
    log.info("training_succeeded", run_id=str(run_id), version=version, **run.durations_s)
    return Result(run_id, version, "done", f"model {version}", manifest.metrics, run.durations_s)


async def fail(run: Run, stage: str, error: BaseException) -> Result:
    """Record the failure and publish it."""
    run_id = run.lease.run_id
    expected = isinstance(error, (TrainingImpossibleError, SourceError, ValueError))
    message = _storable(str(error) if expected else f"{type(error).__name__}: {error}")
    log.error("training_failed", run_id=str(run_id), stage=stage, reason=message, exc_info=None if expected else error)
    ended = {"stage": stage, "message": message}
    async with run.database.transaction("trainer_agent") as session:
        await repository.end(session, run.lease, RunStatus.FAILED, durations_s=run.durations_s, **ended)
        await emit(session, TrainingFailed(run_id=run_id, **ended))
    current = commit.current(run.own)
    record = partial(mlflow_copy.record_failure, commit=current, stage=stage, message=message)
    await asyncio.to_thread(record, run.profile.name, str(run_id), run.lease.parameters, run.durations_s)
    return Result(run_id, None, stage, message, durations_s=run.durations_s)


def _storable(text: str) -> str:
    """Any message as text that JSON and PostgreSQL accept: no NUL, valid UTF-8, not too long."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:LONGEST_MESSAGE]
