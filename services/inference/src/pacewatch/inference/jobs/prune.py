"""Deletes readings that no score can depend on any more; ingest keeps all of them."""

import asyncio
from typing import Final

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.service import Inference
from pacewatch.inference.windows import readings
from pacewatch.kit import db
from pacewatch.kit.module import Resources

DEVICES_PER_TRANSACTION: Final = 500
PAUSE_S: Final = 600.0


async def run(resources: Resources, inference: Inference) -> None:
    """Prune until cancelled."""
    while True:
        await prune_fleet(resources.database, inference)
        await asyncio.sleep(PAUSE_S)


async def prune_fleet(database: db.Database, inference: Inference) -> None:
    """Prune the readings of every device once, some hundred devices in a transaction."""
    keep_s = int((inference.profile.longest_window_days + inference.settings.late_days) * SECONDS_PER_DAY)
    last: int | None = -1
    while last is not None:
        async with database.transaction("inference") as session:
            last = await readings.prune(await db.driver(session), keep_s, last, DEVICES_PER_TRANSACTION)
