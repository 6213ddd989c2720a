"""The loop that sends mails: claim, send, record. Each delivery goes out at least once, always with one Message-ID.

No transaction is open during SMTP. A claim is a transaction of its own that moves the delivery's `due_at` to the end of
a lease. What a `kill -9` does:

- before the claim commits: nothing happened, the delivery is still due;
- after the claim, before the server has the whole mail: nothing was sent; due again when the lease ends;
- after the server accepted the mail, before `sent` commits: the mail went out and the table does not show it. When the
  lease ends it goes out once more, with the same Message-ID and Date, so that the receiver can drop it. SMTP allows
  nothing better;
- after `sent` commits: done; NotificationSent was committed with it, and the relay publishes it.

A connection that is lost at that last commit is retried while the lease lasts. A sender whose lease ended while it was
suspended may still record `sent`, but may not postpone or fail the delivery: see `claims`.

When the server refuses our set-up, all mails wait: see `pause`.
"""

import asyncio
from collections import Counter
from typing import Final

from pacewatch.kit import logs
from pacewatch.kit.db import is_outage
from pacewatch.kit.module import Resources
from pacewatch.notifier import metrics
from pacewatch.notifier.deliveries import claims, service
from pacewatch.notifier.deliveries.claims import LEASE_MARGIN_S, Claim
from pacewatch.notifier.deliveries.pause import Pause
from pacewatch.notifier.deliveries.repository import CHANNEL
from pacewatch.notifier.mail.composer import Composer
from pacewatch.notifier.mail.smtp import MailServer

MAX_IN_FLIGHT: Final = 20
MAX_IN_FLIGHT_PER_RECIPIENT: Final = 4
POLL_S: Final = 1.0
DRAIN_S: Final = 2.0
RECORD_RETRY_S: Final = 0.5

log = logs.get(__name__)


async def run_sender(resources: Resources, composer: Composer, server: MailServer) -> None:
    """Send due mails until cancelled."""
    sender = Sender(resources, composer, server)
    try:
        await sender.run()
    finally:
        await sender.drain()


class Sender:
    """Sends mails in one process; any number of processes may run one at the same time."""

    def __init__(self, resources: Resources, composer: Composer, server: MailServer) -> None:
        self._database = resources.database
        self._wakeup = resources.wakeups.subscribe(CHANNEL)
        self._composer = composer
        self._server = server
        self._lease_s = server.timeout_s + LEASE_MARGIN_S
        self._pause = Pause()
        # The recipient's address, by the task that sends to it.
        self._in_flight: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Claim and send until cancelled."""
        while True:
            if not await self.start_due():
                await self._wakeup.wait(POLL_S)

    async def start_due(self) -> int:
        """Claim as many due deliveries as may be in flight and start to send them; returns how many."""
        free = self._pause.places(MAX_IN_FLIGHT) - len(self._in_flight)
        if free <= 0:
            return 0
        counts = Counter(self._in_flight.values())
        busy = [recipient for recipient, count in counts.items() if count >= MAX_IN_FLIGHT_PER_RECIPIENT]
        async with self._database.transaction("notifier") as session:
            claimed = await claims.claim_due(
                session, limit=free, each=MAX_IN_FLIGHT_PER_RECIPIENT, busy=busy, lease_s=self._lease_s
            )
        for claim in claimed:
            task = asyncio.create_task(self.deliver(claim))
            self._in_flight[task] = claim.mail.mailbox.address
            task.add_done_callback(self._on_done)
        return len(claimed)

    async def drain(self) -> None:
        """Give the mails in flight 2 s to finish; the rest are due again when their leases end."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=DRAIN_S)
        for task in list(self._in_flight):
            task.cancel()

    def _on_done(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self._wakeup.notify()
        if not task.cancelled() and (error := task.exception()):
            log.error("delivery_unrecorded", reason=repr(error), remedy="none: it is tried again when its lease ends")

    async def deliver(self, claim: Claim) -> None:
        """Make one attempt and record its result."""
        with logs.caused_by(correlation_id=claim.correlation_id):
            error = await self._attempt(claim)
            self._pause.note(error)
            await self._record(claim, error)

    async def _attempt(self, claim: Claim) -> Exception | None:
        """None if the mail went out, else the error."""
        try:
            message = self._composer.compose(claim.mail)
            recipient = claim.mail.mailbox.address
            with metrics.SMTP_SECONDS.time():
                await self._server.send(message, sender=self._composer.sender.address, recipient=recipient)
        except Exception as error:
            return error
        return None

    async def _record(self, claim: Claim, error: Exception | None) -> None:
        """Record the result, and retry while the lease lasts if PostgreSQL is unavailable."""
        async with asyncio.timeout(LEASE_MARGIN_S):
            while True:
                try:
                    async with self._database.transaction("notifier") as session:
                        await service.record_attempt(session, claim, error)
                    return
                except Exception as failure:
                    if not is_outage(failure):
                        raise
                    await asyncio.sleep(RECORD_RETRY_S)
