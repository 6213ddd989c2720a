"""After an activation the new model scores the newest reading of every device, a few hundred devices at a time.

Readings that arrived while no model could be opened are scored here as well. Each device's row says under which
activation it was last considered and since when it has unscored readings, so any process can continue what another
began.
"""

from typing import Final

import sqlalchemy as sa

from pacewatch.contracts.models import ModelActivated
from pacewatch.inference import service
from pacewatch.inference.models import repository
from pacewatch.inference.service import Inference
from pacewatch.kit import db, logs
from pacewatch.kit.db import Session
from pacewatch.kit.module import Resources

CHANNEL: Final = "pacewatch_inference_activated"
POLL_S: Final = 5.0
# While no model can be opened. The loader decides when an artifact is tried again.
POLL_WITHOUT_MODEL_S: Final = 1.0

log = logs.get(__name__)


async def store_activation(session: Session, event: ModelActivated) -> None:
    """Store an activation and wake the loop; one that is stored already changes nothing."""
    if await repository.add_activation(await db.driver(session), event):
        await session.execute(sa.text(f"NOTIFY {CHANNEL}"))
        log.info("activation_stored", version=event.version, sequence=event.sequence)


async def run(resources: Resources, inference: Inference) -> None:
    """Rescore until cancelled."""
    wakeup = resources.wakeups.subscribe(CHANNEL)
    while True:
        async with resources.database.transaction("inference") as session:
            devices = await service.rescore_devices(session, inference)
        if devices:
            log.info("devices_rescored", devices=devices)
        else:
            await wakeup.wait(POLL_S if inference.models.scoring else POLL_WITHOUT_MODEL_S)
