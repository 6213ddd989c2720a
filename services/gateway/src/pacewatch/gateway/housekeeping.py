"""Keeps the gateway's tables small."""

import asyncio
from typing import Final

from pacewatch.gateway.auth import throttle
from pacewatch.gateway.credentials import refresh_tokens, revocations
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.security import repository as security
from pacewatch.kit.module import Resources

PERIOD_S: Final = 30.0


async def run_housekeeping(resources: Resources, security_days: int) -> None:
    """Prune the tables every 30 s, until cancelled. Several processes may do so at the same time."""
    while True:
        async with resources.database.transaction("gateway") as session:
            await live_events.prune(session)
            await refresh_tokens.prune(session)
            await throttle.prune(session)
            await revocations.prune(session)
            await security.prune(session, security_days)
        await asyncio.sleep(PERIOD_S)
