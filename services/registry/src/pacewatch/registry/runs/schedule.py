"""The training schedule: asks for a run every so many hours of fleet time, and gives up runs whose trainer is gone."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from pacewatch.contracts.training import TrainingRequest
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.module import Resources
from pacewatch.registry import errors
from pacewatch.registry.runs import repository
from pacewatch.registry.runs import service as runs
from pacewatch.registry.settings import RegistrySettings

# Short, because a demo's day is a few seconds long.
POLL_S: Final = 0.5
ACTOR: Final = "schedule"

log = logs.get(__name__)


async def schedule(resources: Resources, settings: RegistrySettings) -> None:
    """Look after runs until cancelled."""
    while True:
        async with resources.database.transaction("registry") as session:
            for run_id in await repository.give_up_silent(session, settings.run_silence_s, clock.now()):
                log.warning("training_run_given_up", run_id=str(run_id), silence_s=settings.run_silence_s)
        async with resources.database.transaction("registry") as session:
            await request_if_due(session, settings)
        await asyncio.sleep(POLL_S)


async def request_if_due(session: Session, settings: RegistrySettings) -> bool:
    """Ask for a run if the interval is over and there is enough to learn from; whether it did.

    The ledger's row is locked meanwhile: of several processes one asks, the others see that it did.
    """
    if not settings.training_interval_h:
        return False
    ledger = await repository.ledger(session)
    if ledger is None or ledger["counts"]["positive"] < settings.min_training_positives:
        return False
    since: datetime = await repository.last_requested_at(session) or ledger["first_as_of"]
    if clock.now() - since < timedelta(hours=settings.training_interval_h):
        return False
    if await repository.open_run(session) is not None:
        return False
    try:
        await runs.request(session, TrainingRequest(reason="scheduled"), actor=ACTOR)
    except errors.RunUnderWay:  # somebody asked this very moment
        return False
    return True
