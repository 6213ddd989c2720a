"""Periodic work on the messaging tables of a service: prune the inbox, measure the outbox."""

import asyncio
from typing import Final

from pacewatch.kit import metrics
from pacewatch.kit.db import Database
from pacewatch.kit.messaging import inbox, outbox

COUNT_EVERY_S: Final = 15.0
COUNTS_PER_PRUNE: Final = 240  # prune once an hour


async def run_housekeeping(database: Database, service: str) -> None:
    """Measure how many events wait in the outbox and prune inbox rows older than a month, until cancelled."""
    while True:
        async with database.transaction(service) as session:
            await inbox.prune(session)
        for _ in range(COUNTS_PER_PRUNE):
            async with database.transaction(service) as session:
                metrics.OUTBOX_WAITING.labels(service).set(await outbox.count_waiting(session))
            await asyncio.sleep(COUNT_EVERY_S)
