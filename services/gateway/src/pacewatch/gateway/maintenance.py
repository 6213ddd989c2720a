"""Keeps the gateway's tables small."""

import asyncio
from typing import Final

from pacewatch.gateway.auth import refresh_tokens, throttle
from pacewatch.gateway.live import repository as live_events
from pacewatch.kit.module import Resources

EVERY_S: Final = 30.0


async def run(resources: Resources) -> None:
    """Prune now and then, until cancelled. Any number of processes may do it side by side."""
    while True:
        async with resources.database.transaction("gateway") as session:
            await live_events.prune(session)
            await refresh_tokens.prune(session)
            await throttle.prune(session)
        await asyncio.sleep(EVERY_S)
