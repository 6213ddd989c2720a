"""One training run, from readings to a published candidate. It changes nothing but its own run until the very end."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import polars as pl

from pacewatch.contracts.models import ArtifactReference, ModelCandidate
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles import by_name
from pacewatch.contracts.training import RunStatus, TrainingFailed
from pacewatch.kit import clock, logs
from pacewatch.kit.columns.arrays import Words
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.artifacts.manifest import Manifest, library_versions
from pacewatch.ml.errors import TrainingImpossibleError
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.features.compute import feature_set_hash
from pacewatch.ml.report.fleet_folder import groups_of
from pacewatch.ml.training import train as training
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.candidates import candidate, champion, commit, mlflow_copy
from pacewatch.trainer_agent.data import source
from pacewatch.trainer_agent.data.pull import Pulled, pull
from pacewatch.trainer_agent.errors import LeaseLost, SourceError
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.checkpoints import Kept
from pacewatch.trainer_agent.runs.progress import Reporter, ReportProgress, Step, reporting
from pacewatch.trainer_agent.runs.repository import Lease
from pacewatch.trainer_agent.settings import TrainerSettings

# What training itself calls 0 to 100 % lies between these two of the whole run.
TRAIN_FROM, TRAIN_TO = 15, 90
CHAMPION_AT = 85
KEPT = "kept from an attempt that was interrupted"

Value = TypeVar("Value")

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: with a model version, or with a reason at a stage."""

    run_id: UUID
    version: str | None
    stage: str
    message: str
    metrics: dict[str, Any] = field(default_factory=dict)
    durations_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works with."""

    database: Database
    kit: KitSettings
    own: TrainerSettings
    lease: Lease
    profile: Profile
    durations_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long the block took."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.durations_s[stage] = round(time.perf_counter() - began_s, 3)


def nobody(_step: Step) -> None:
    """Told by default."""


async def execute(
    database: Database, lease: Lease, kit: KitSettings, own: TrainerSettings, also: ReportProgress = nobody
) -> Result:
    """Carry out the run we hold and record its end; LeaseLost if it became somebody else's, who then records it."""
    run = Run(database, kit, own, lease, by_name(kit.profile))
    last = Step("start", 0)

    def remember(step: Step) -> None:
        nonlocal last
        last = step
        also(step)

    kept = _kept(run)
    try:
        async with reporting(database, lease, own.lease_s, remember) as reporter:
            manifest, reference = await _make_candidate(run, reporter, kept)
    except ExceptionGroup as group:
        if group.subgroup(LeaseLost):
            raise LeaseLost() from None
        result = await _fail(run, last.stage, _first(group))
    else:
        result = await _publish(run, manifest, reference)
    kept.clear()
    return result


def _kept(run: Run) -> Kept:
    """What an earlier attempt of this run left, of the same parameters, code and libraries."""
    depends_on = [
        str(run.lease.run_id),
        run.lease.parameters,
        feature_set_hash(run.profile),
        commit.current(run.own),
        library_versions(),
    ]
    folder = run.own.cache_dir / "runs" / str(run.lease.run_id)
    return Kept(folder, run.kit.artifact_keys().private(), json.dumps(depends_on, sort_keys=True))


async def _make_candidate(run: Run, reporter: Reporter, kept: Kept) -> tuple[Manifest, ArtifactReference]:
    """Pull, train, pack and store: a candidate nobody has heard of yet."""
    reporter.tell(Step("pull", 0, "fetching what is new"))
    with run.timed("pull"):
        pulled, now_s = await _pull(run, reporter, kept)
    fetched = f"{len(pulled.labels):,} readings, {pulled.fetched:,} of them fetched now"
    reporter.tell(Step("pull", TRAIN_FROM, fetched))
    with run.timed("train"):
        trained = await asyncio.to_thread(_train, run, pulled, now_s, reporter, kept)
    with run.timed("champion"):
        trained = await _beside_champion(run, trained, pulled.failures, reporter)
    reporter.tell(Step("publish", TRAIN_TO, f"trained a {trained.metrics['algorithm']}".replace("_", " ")))
    with run.timed("store"):
        return await candidate.store(run.database, run.kit, run.own, run.lease.run_id, trained)


async def _pull(run: Run, reporter: Reporter, kept: Kept) -> tuple[Pulled, int]:
    """The readings and the instant they are of: an interrupted run goes on with those it began with."""
    if (found := await asyncio.to_thread(kept.find, "pull")) is not None:
        reporter.note("pull", KEPT)
        pulled, now_s = found
        return pulled, now_s
    async with source.opened(run.kit, run.own) as readable:
        pulled = await pull(readable, run.profile, run.own.cache_dir)
    return await asyncio.to_thread(kept.keep, "pull", (pulled, int(clock.now_s())))


async def _beside_champion(run: Run, trained: TrainedModel, failures: Failures, reporter: Reporter) -> TrainedModel:
    """With the active model's figures on the same holdout, if there is an active model that opens here."""
    async with source.opened(run.kit, run.own) as readable:
        found = await champion.active(readable)
    if found is None:
        return trained
    version, reference = found
    reporter.tell(Step("champion", CHAMPION_AT, f"judging the active model {version} on the same rows"))
    beside = await champion.figures(run.kit, version, reference, trained, failures)
    return replace(trained, metrics=trained.metrics | {"champion": beside}) if beside else trained


def _train(run: Run, pulled: Pulled, now_s: int, reporter: Reporter, kept: Kept) -> TrainedModel:
    def progress(stage: str, percent: int, message: str) -> None:
        if percent < 100:
            reporter.tell(Step(stage, TRAIN_FROM + percent * (TRAIN_TO - TRAIN_FROM) // 100, message))

    def keep(stage: str, make: Callable[[], Value]) -> Value:
        found: Value | None = kept.find(stage)
        if found is None:
            return kept.keep(stage, make())
        reporter.note(stage, KEPT)
        return found

    return training.train(
        run.profile,
        pulled.readings,
        pulled.labels,
        pulled.failures,
        now_s,
        run.lease.parameters,
        groups=_groups(run, pulled),
        progress=progress,
        keep=keep,
    )


def _groups(run: Run, pulled: Pulled) -> dict[str, Words]:
    """What the register of devices, if one is set, says of each reading's device."""
    if not run.own.devices_file:
        return {}
    try:
        keys = pulled.readings.keys
        return groups_of(Path(run.own.devices_file), run.profile, keys.device_ids, keys.timestamps_s)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"PACEWATCH_TRAINER_DEVICES_FILE cannot be read: {error}") from error


async def _publish(run: Run, manifest: Manifest, reference: ArtifactReference) -> Result:
    """The run's success and its event, in one transaction."""
    run_id, version = run.lease.run_id, manifest.version
    told = {"metrics": manifest.metrics, "dataset": manifest.dataset}
    event = ModelCandidate(
        run_id=run_id,
        version=version,
        artifact=reference,
        parameters=manifest.parameters,
        trained_at=manifest.created_at,
        **told,
    )
    kept = {"model_version": version, "data_sha256": manifest.dataset["sha256"], "commit": manifest.commit}
    done = {"stage": "done", "percent": 100, "message": f"model {version}", "durations_s": run.durations_s}
    async with run.database.transaction("trainer_agent") as session:
        await repository.end(session, run.lease, RunStatus.SUCCEEDED, **done, **told, **kept)
        await emit(session, event)
    await asyncio.to_thread(mlflow_copy.record, manifest, run.durations_s)
    log.info("training_succeeded", run_id=str(run_id), version=version, **run.durations_s)
    return Result(run_id, version, "done", f"model {version}", manifest.metrics, run.durations_s)


async def _fail(run: Run, stage: str, error: BaseException) -> Result:
    """The run's end and its event, in one transaction; nothing else has changed."""
    run_id = run.lease.run_id
    expected = isinstance(error, (TrainingImpossibleError, SourceError, ValueError))
    message = _printable(str(error) if expected else f"{type(error).__name__}: {error}")
    log.error("training_failed", run_id=str(run_id), stage=stage, reason=message, exc_info=None if expected else error)
    ended = {"stage": stage, "message": message}
    async with run.database.transaction("trainer_agent") as session:
        await repository.end(session, run.lease, RunStatus.FAILED, durations_s=run.durations_s, **ended)
        await emit(session, TrainingFailed(run_id=run_id, **ended))
    told = (run.profile.name, str(run_id), run.lease.parameters, run.durations_s)
    where = partial(mlflow_copy.record_failure, commit=commit.current(run.own), stage=stage, message=message)
    await asyncio.to_thread(where, *told)
    return Result(run_id, None, stage, message, durations_s=run.durations_s)


def _printable(text: str) -> str:
    """What any message can be sent and stored as."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:2_000]


def _first(group: BaseExceptionGroup) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
