"""What every service's tables need from time to time: old deliveries forgotten, the outbox counted."""

import asyncio
from typing import Final

from pacewatch.kit import metrics
from pacewatch.kit.db import Database
from pacewatch.kit.messaging import inbox, outbox

COUNT_EVERY_S: Final = 15.0
PRUNE_EVERY: Final = 240  # counts: once an hour


async def run_housekeeping(database: Database, service: str) -> None:
    """Tell how many events wait in `service`'s outbox, and keep its inbox to the last month; until cancelled."""
    while True:
        async with database.transaction(service) as session:
            await inbox.prune(session)
        for _ in range(PRUNE_EVERY):
            async with database.transaction(service) as session:
                metrics.OUTBOX_WAITING.labels(service).set(await outbox.count_waiting(session))
            await asyncio.sleep(COUNT_EVERY_S)
