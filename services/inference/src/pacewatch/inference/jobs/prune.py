"""Readings no score can depend on any more are forgotten; ingest keeps them all."""

import asyncio
from typing import Final

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.inference.scoring import repository
from pacewatch.inference.service import Inference
from pacewatch.kit import db
from pacewatch.kit.module import Resources

DEVICES: Final = 500
PAUSE_S: Final = 600.0


async def run(resources: Resources, inference: Inference) -> None:
    """Prune until cancelled."""
    while True:
        await sweep(resources.database, inference)
        await asyncio.sleep(PAUSE_S)


async def sweep(database: db.Database, inference: Inference) -> None:
    """Prune every device once, some hundreds in a transaction."""
    days = inference.profile.longest_window_days + inference.settings.late_days
    last: int | None = -1
    while last is not None:
        async with database.transaction("inference") as session:
            connection = await db.driver(session)
            last = await repository.prune_readings(connection, int(days * SECONDS_PER_DAY), last, DEVICES)
