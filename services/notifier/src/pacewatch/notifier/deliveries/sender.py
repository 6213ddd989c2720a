"""The loop that sends: claim, send, record. Never zero mails, at most one Message-ID, and no transaction during SMTP.

A claim is a transaction of its own that moves the delivery's `due_at` to the end of a lease. What a `kill -9` does:

- before the claim commits: nothing happened, the delivery is still due;
- after the claim, before the server has the whole mail: nobody got it; due again when the lease ends;
- after the server took it, before `sent` commits: the mail is out and we do not know; when the lease ends it goes out
  once more, with the same Message-ID and Date, so that the receiver can drop it. SMTP allows no better;
- after `sent` commits: done; NotificationSent was committed with it and the relay will publish it.

A lost connection at that last commit is tried again while the lease lasts. A sender that was only asleep past its lease
may still say `sent`, but not `later` or `failed`: see `deliveries`.
"""

import asyncio
import random
from collections import Counter
from typing import Final

from pacewatch.contracts.alerts import NotificationFailed, NotificationSent
from pacewatch.kit import logs
from pacewatch.kit.db import Session, is_outage
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.module import Resources
from pacewatch.notifier import metrics
from pacewatch.notifier.deliveries import repository as deliveries
from pacewatch.notifier.deliveries.repository import Claim
from pacewatch.notifier.mail.composer import Composer
from pacewatch.notifier.mail.smtp import Later, MailServer, Refused

AT_ONCE: Final = 20
AT_ONCE_PER_RECIPIENT: Final = 4
POLL_S: Final = 1.0
# A server that comes back gets what waited within a minute, spread by the jitter.
LONGEST_BACK_OFF_S: Final = 60.0
LEASE_MARGIN_S: Final = 30.0
FAREWELL_S: Final = 2.0

log = logs.get(__name__)


async def run(resources: Resources, composer: Composer, server: MailServer) -> None:
    """Send what is due until cancelled."""
    sender = Sender(resources, composer, server)
    try:
        await sender.run()
    finally:
        await sender.farewell()


def back_off_s(attempts: int) -> float:
    """How long to wait after so many attempts: 1 s, 2 s, 4 s ... one minute, less up to half of it by chance."""
    longest = min(LONGEST_BACK_OFF_S, 2.0 ** min(attempts - 1, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


class Sender:
    """One process' share of the sending; any number of processes may do it side by side."""

    def __init__(self, resources: Resources, composer: Composer, server: MailServer) -> None:
        self._database = resources.database
        self._wakeup = resources.wakeups.subscribe(deliveries.CHANNEL)
        self._composer = composer
        self._server = server
        self._lease_s = server.timeout_s + LEASE_MARGIN_S
        self._in_flight: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Keep the places filled."""
        while True:
            if not await self.fill():
                await self._wakeup.wait(POLL_S)

    async def fill(self) -> int:
        """Claim as much as there is room for and begin to send it; returns how much that was."""
        room = AT_ONCE - len(self._in_flight)
        if room <= 0:
            return 0
        places = Counter(self._in_flight.values())
        busy = [recipient for recipient, count in places.items() if count >= AT_ONCE_PER_RECIPIENT]
        async with self._database.transaction("notifier") as session:
            claims = await deliveries.claim(
                session, limit=room, each=AT_ONCE_PER_RECIPIENT, busy=busy, lease_s=self._lease_s
            )
        for claim in claims:
            task = asyncio.create_task(self.deliver(claim))
            self._in_flight[task] = claim.mailbox.address
            task.add_done_callback(self._ended)
        return len(claims)

    async def farewell(self) -> None:
        """Let what is under way end, for a moment; the rest falls due again when its lease ends."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=FAREWELL_S)
        for task in list(self._in_flight):
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._in_flight[task]
        self._wakeup.notify()
        if not task.cancelled() and (error := task.exception()):
            log.error("delivery_unrecorded", reason=repr(error), remedy="none: it is tried again when its lease ends")

    async def deliver(self, claim: Claim) -> None:
        """One attempt, and its outcome recorded."""
        with logs.caused_by(correlation_id=claim.correlation_id):
            outcome = await self._attempt(claim)
            await self._record(claim, outcome)

    async def _attempt(self, claim: Claim) -> Exception | None:
        """None if the mail is out; else why it is not."""
        try:
            mail = self._composer.compose(claim)
            with metrics.SMTP_SECONDS.time():
                await self._server.send(mail, sender=self._composer.sender.address, recipient=claim.mailbox.address)
        except Exception as error:
            return error
        return None

    async def _record(self, claim: Claim, outcome: Exception | None) -> None:
        """Write it down, again and again while the lease lasts if PostgreSQL is away."""
        async with asyncio.timeout(LEASE_MARGIN_S):
            while True:
                try:
                    async with self._database.transaction("notifier") as session:
                        await conclude(session, claim, outcome)
                    return
                except Exception as error:
                    if not is_outage(error):
                        raise
                    await asyncio.sleep(0.5)


async def conclude(session: Session, claim: Claim, outcome: Exception | None) -> None:
    """What an attempt came to; anything but a refusal by the server is tried again."""
    fields = {"alert_id": str(claim.alert_id), "recipient": claim.mailbox.address, "attempt": claim.attempts}
    match outcome:
        case None:
            await _sent(session, claim)
            log.info("mail_sent", **fields)
        case Refused():
            await _failed(session, claim, str(outcome))
            log.error(
                "mail_refused", reason=str(outcome), remedy="mend it, then POST /api/v1/alerts/dispatch", **fields
            )
        case _:
            reason = str(outcome) if isinstance(outcome, Later) else repr(outcome)
            delay_s = back_off_s(claim.attempts)
            await deliveries.put_off(session, claim, delay_s, reason)
            log.warning("mail_delayed", reason=reason, delay_s=round(delay_s, 1), **fields)
    metrics.ATTEMPTS.labels("sent" if outcome is None else type(outcome).__name__.lower()).inc()


async def _sent(session: Session, claim: Claim) -> None:
    sent_at = await deliveries.mark_sent(session, claim)
    if sent_at is not None:
        await emit(
            session,
            NotificationSent(
                alert_id=claim.alert_id,
                recipient=claim.mailbox.address,
                message_id=claim.message_id,
                attempt=claim.attempts,
                sent_at=sent_at,
            ),
        )


async def _failed(session: Session, claim: Claim, reason: str) -> None:
    if await deliveries.mark_failed(session, claim, reason):
        await emit(
            session,
            NotificationFailed(
                alert_id=claim.alert_id,
                recipient=claim.mailbox.address,
                message_id=claim.message_id,
                attempt=claim.attempts,
                reason=reason[:2_000],
            ),
        )
