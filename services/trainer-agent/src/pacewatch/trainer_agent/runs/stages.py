"""The stages of a run: pull, train, compare with the champion, store."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from pacewatch.contracts.models import ArtifactReference
from pacewatch.kit import clock
from pacewatch.ml.artifacts.manifest import Manifest, version_stamp
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.training import train as training
from pacewatch.ml.training.train import TrainedModel
from pacewatch.trainer_agent.candidates import candidate, champion
from pacewatch.trainer_agent.data import source
from pacewatch.trainer_agent.data.pull import Pulled, pull
from pacewatch.trainer_agent.runs import repository
from pacewatch.trainer_agent.runs.checkpoints import Checkpoints
from pacewatch.trainer_agent.runs.progress import Reporter, Step
from pacewatch.trainer_agent.runs.run import Run

# 0 to 100 % of the training are these two percentages of the run.
TRAIN_FROM, TRAIN_TO = 15, 90
CHAMPION_AT = 85
FROM_CHECKPOINT = "continued from the checkpoint of an interrupted attempt"

Value = TypeVar("Value")


async def make_candidate(run: Run, reporter: Reporter, checkpoints: Checkpoints) -> tuple[Manifest, ArtifactReference]:
    """Pull, train, pack and store; the candidate is not published yet."""
    reporter.report(Step("pull", 0, "fetching new and changed rows"))
    with run.timed("pull"):
        pulled, now_s = await _pull(run, reporter, checkpoints)
    fetched = f"{len(pulled.labels):,} readings, {pulled.fetched:,} of them fetched now"
    reporter.report(Step("pull", TRAIN_FROM, fetched))
    with run.timed("train"):
        trained = await asyncio.to_thread(_train, run, pulled, now_s, reporter, checkpoints)
    with run.timed("champion"):
        trained = await _add_champion(run, trained, pulled.failures, reporter)
    reporter.report(Step("publish", TRAIN_TO, f"trained a {trained.metrics['algorithm']}".replace("_", " ")))
    with run.timed("store"):
        created_at = await _next_version_time(run)
        return await candidate.store(run.kit, run.own, run.lease.run_id, trained, created_at)


async def _pull(run: Run, reporter: Reporter, checkpoints: Checkpoints) -> tuple[Pulled, int]:
    """The readings and their fleet time; another attempt of a run continues with the readings of the first."""
    if (found := await asyncio.to_thread(checkpoints.find, "pull")) is not None:
        reporter.report_message("pull", FROM_CHECKPOINT)
        pulled, now_s = found
        return pulled, now_s
    async with source.open_readonly(run.kit, run.own) as database:
        pulled = await pull(database, run.profile, run.own.cache_dir)
    return await asyncio.to_thread(checkpoints.save, "pull", (pulled, int(clock.now_s())))


def _train(run: Run, pulled: Pulled, now_s: int, reporter: Reporter, checkpoints: Checkpoints) -> TrainedModel:
    def report_progress(stage: str, percent: int, message: str) -> None:
        if percent < 100:
            reporter.report(Step(stage, TRAIN_FROM + percent * (TRAIN_TO - TRAIN_FROM) // 100, message))

    def checkpoint(stage: str, compute: Callable[[], Value]) -> Value:
        found: Value | None = checkpoints.find(stage)
        if found is None:
            return checkpoints.save(stage, compute())
        reporter.report_message(stage, FROM_CHECKPOINT)
        return found

    return training.train(
        run.profile,
        pulled.readings,
        pulled.labels,
        pulled.failures,
        now_s,
        run.lease.parameters,
        register=pulled.register,
        report_progress=report_progress,
        checkpoint=checkpoint,
    )


async def _add_champion(run: Run, trained: TrainedModel, failures: Failures, reporter: Reporter) -> TrainedModel:
    """With the comparison with the champion, if there is a champion that can be opened here."""
    async with source.open_readonly(run.kit, run.own) as database:
        found = await champion.active(database)
    if found is None:
        return trained
    version, reference = found
    reporter.report(Step("champion", CHAMPION_AT, f"comparing with the active model {version} on rows new to both"))
    figures = await champion.compare(run.kit, version, reference, trained, failures)
    return replace(trained, metrics=trained.metrics | {"champion": figures}) if figures else trained


async def _next_version_time(run: Run) -> datetime:
    """Fleet time, or the first second after it whose version is free: a fast clock can be set back."""
    at = clock.now().replace(microsecond=0)
    async with run.database.transaction("trainer_agent") as session:
        while await repository.version_exists(session, version_stamp(at)):
            at += timedelta(seconds=1)
    return at
