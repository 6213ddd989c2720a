"""The relay: publishes committed events from the outbox to the bus and deletes them when the bus confirms.

Claim, publish and delete are one transaction: if a relay dies, its claim is released, and events that it had already
published are published again with the same id, which every inbox recognises.
"""

import asyncio
import time
from typing import Final

from pacewatch.kit import logs, metrics
from pacewatch.kit.db import Database
from pacewatch.kit.errors import PublishError
from pacewatch.kit.messaging import outbox, tables
from pacewatch.kit.messaging.bus import Bus
from pacewatch.kit.wakeup import Wakeups

BATCH: Final = 64
# How long an event waits at most if its NOTIFY was lost.
POLL_S: Final = 1.0
# After an unconfirmed publish: every emit notifies, and an unavailable bus must not be tried at each notification.
PAUSE_S: Final = 0.5
# How long events of a type that the bus holds back are not tried again.
HOLD_S: Final = 5.0

log = logs.get(__name__)


class Relay:
    """Publishes the events of one service. Any number may run in parallel: each claims different rows."""

    def __init__(self, database: Database, bus: Bus, service: str, wakeups: Wakeups) -> None:
        self._database = database
        self._bus = bus
        self._service = service
        self._wakeup = wakeups.subscribe(tables.channel(service))

    async def run(self) -> None:
        """Relay until cancelled. Types that the bus holds back do not stand in the way of the others behind them."""
        held, until_s = frozenset[str](), 0.0
        while True:
            if time.monotonic() >= until_s:
                held = frozenset()
            try:
                published = await self.flush_once(held=held)
            except PublishError as error:
                if error.held:
                    held, until_s = held | error.held, time.monotonic() + PAUSE_S + HOLD_S
                metrics.PUBLISH_FAILURES.labels(self._service).inc()
                log.warning("publish_unconfirmed", service=self._service, reason=str(error))
                await asyncio.sleep(PAUSE_S)
                continue
            if published < BATCH:
                await self._wakeup.wait(POLL_S)

    async def flush_once(self, limit: int = BATCH, held: frozenset[str] = frozenset()) -> int:
        """Publish up to `limit` waiting events; returns how many were confirmed, PublishError if not all were.

        Events of the types `held` go on waiting.
        """
        unconfirmed: PublishError | None = None
        async with self._database.transaction(self._service) as session:
            envelopes = await outbox.claim(session, limit, held)
            if not envelopes:
                return 0
            try:
                await self._bus.publish(envelopes)
            except PublishError as error:
                unconfirmed = error
                envelopes = [envelope for envelope in envelopes if envelope.id in error.confirmed]
            await outbox.delete(session, envelopes)
        for envelope in envelopes:
            metrics.EVENTS_PUBLISHED.labels(self._service, envelope.type).inc()
        if unconfirmed is not None:
            raise unconfirmed
        return len(envelopes)
