"""The training schedule: requests a run every so many hours of fleet time, and fails runs whose trainer is silent."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import RowMapping

from pacewatch.contracts.training import TrainingRequest
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.module import Resources
from pacewatch.registry import errors
from pacewatch.registry.runs import label_counts, repository, service
from pacewatch.registry.runs.schemas import TrainingSchedule
from pacewatch.registry.settings import RegistrySettings

# Short, because a day of the demo's fleet time lasts a few seconds.
POLL_S: Final = 0.5
ACTOR: Final = "schedule"

log = logs.get(__name__)


async def run_schedule(resources: Resources, settings: RegistrySettings) -> None:
    """Run the schedule until cancelled."""
    while True:
        async with resources.database.transaction("registry") as session:
            for run_id in await repository.fail_silent_runs(session, settings.run_silence_s, clock.now()):
                log.warning("training_run_abandoned", run_id=str(run_id), silence_s=settings.run_silence_s)
        async with resources.database.transaction("registry") as session:
            await request_if_due(session, settings)
        await asyncio.sleep(POLL_S)


async def request_if_due(session: Session, settings: RegistrySettings) -> bool:
    """Request a run if the interval has passed and there are enough labels; returns whether it did.

    The row of label counts is locked meanwhile, so of several processes only one requests a run.
    """
    if not settings.training_interval_h:
        return False
    labels = await label_counts.lock(session)
    if labels is None or labels["counts"]["positive"] < settings.min_training_positives:
        return False
    if clock.now() < await _next_at(session, settings, labels):
        return False
    if await repository.open_run(session) is not None:
        return False
    try:
        await service.request_run(session, TrainingRequest(reason="scheduled"), actor=ACTOR)
    except errors.RunUnderWay:  # a person requested one at the same moment
        return False
    return True


async def show(session: Session, settings: RegistrySettings) -> TrainingSchedule:
    """When the next run is due, and what it still needs."""
    labels = await label_counts.newest(session)
    return TrainingSchedule(
        interval_h=settings.training_interval_h,
        next_at=await _next_at(session, settings, labels)
        if labels is not None and settings.training_interval_h
        else None,
        positive_labels=labels["counts"]["positive"] if labels is not None else 0,
        least_positive_labels=settings.min_training_positives,
    )


async def _next_at(session: Session, settings: RegistrySettings, labels: RowMapping) -> datetime:
    since: datetime = await repository.last_requested_at(session) or labels["first_as_of"]
    return since + timedelta(hours=settings.training_interval_h)
