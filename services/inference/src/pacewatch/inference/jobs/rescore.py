"""After an activation: every device's newest reading gets a score by the new model, a few hundred at a time.

Which devices are still to do is written in their rows, so any process can go on where another stopped.
"""

from typing import Final

import sqlalchemy as sa

from pacewatch.contracts.models import ModelActivated
from pacewatch.inference import service
from pacewatch.inference.scoring import repository
from pacewatch.inference.service import Inference
from pacewatch.kit import db, logs
from pacewatch.kit.db import Session
from pacewatch.kit.module import Resources

CHANNEL: Final = "pacewatch_inference_activated"
POLL_S: Final = 5.0

log = logs.get(__name__)


async def begin(session: Session, event: ModelActivated) -> None:
    """Remember the activation and wake the loop; an activation that is known or older changes nothing."""
    if await repository.add_activation(await db.driver(session), event):
        await session.execute(sa.text(f"NOTIFY {CHANNEL}"))
        log.info("activation_stored", version=event.version, sequence=event.sequence)


async def run(resources: Resources, inference: Inference) -> None:
    """Rescore until cancelled."""
    wakeup = resources.wakeups.subscribe(CHANNEL)
    while True:
        async with resources.database.transaction("inference") as session:
            devices = await service.rescore(session, inference)
        if devices:
            log.info("devices_rescored", devices=devices)
        else:
            await wakeup.wait(POLL_S)
