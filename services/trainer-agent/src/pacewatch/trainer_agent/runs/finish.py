"""The end of a run: its row and its event in one transaction, then a copy in MLflow."""

import asyncio
from functools import partial

from pacewatch.contracts.models import ArtifactReference, ModelCandidate
from pacewatch.contracts.training import RunStatus, TrainingFailed
from pacewatch.kit import blobs, logs
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.tracking import server as tracking
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.trainer_agent.candidates import candidate, commit
from pacewatch.trainer_agent.errors import SourceError
from pacewatch.trainer_agent.mlflow_copy import record as mlflow
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
    await _copy_to_mlflow(run, manifest, reference)
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
    if tracking.is_set():
        origin, failure = await _origin(run, commit.current(run.own)), {"stage": stage, "message": message}
        send = partial(mlflow.record_failure, origin, run.durations_s, run.lease.parameters, **failure)
        await asyncio.to_thread(send)
    return Result(run_id, None, stage, message, durations_s=run.durations_s)


async def _copy_to_mlflow(run: Run, manifest: Manifest, reference: ArtifactReference) -> None:
    """The model is read again from where it was stored. The run has ended already, so an error is only logged."""
    if not tracking.is_set():
        return
    try:
        content = await blobs.open_store(run.kit.artifact_url).get(reference.uri)
        files = await asyncio.to_thread(candidate.report_files, manifest)
        model = mlflow.Model(manifest, reference.signature, content, files)
        origin = await _origin(run, manifest.commit)
    except Exception as error:
        log.warning("mlflow_failed", what=manifest.version, reason=repr(error)[:500])
        return
    await asyncio.to_thread(mlflow.record, origin, run.durations_s, model)


async def _origin(run: Run, code: str) -> mlflow.Origin:
    async with run.database.transaction("trainer_agent") as session:
        row = await repository.origin(session, run.lease.run_id)
    began_at, ended_at = row["started_at"] or row["ended_at"], row["ended_at"]
    return mlflow.Origin(str(run.lease.run_id), run.profile.name, code, row["reason"], row["actor"], began_at, ended_at)


def _storable(text: str) -> str:
    """Any message as text that JSON and PostgreSQL accept: no NUL, valid UTF-8, not too long."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:LONGEST_MESSAGE]
