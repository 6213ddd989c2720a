"""Decides what follows from an attempt to send a mail: sent, tried again, or failed for good."""

import random
from typing import Final

from pacewatch.contracts.alerts import NotificationFailed, NotificationSent
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.notifier import metrics
from pacewatch.notifier.deliveries import claims
from pacewatch.notifier.deliveries.claims import Claim
from pacewatch.notifier.mail.smtp import Later, Refused

# Once a mail server is up again, it gets every waiting mail within a minute, spread by the jitter.
LONGEST_BACK_OFF_S: Final = 60.0

log = logs.get(__name__)


def back_off_s(attempts: int) -> float:
    """The pause after so many attempts: 1 s, 2 s, 4 s ... up to a minute, less a random part of up to half of it."""
    longest = min(LONGEST_BACK_OFF_S, 2.0 ** min(attempts - 1, 16))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


async def record_attempt(session: Session, claim: Claim, error: Exception | None) -> None:
    """Record the result of an attempt; `error` is None if the mail went out. Only a refusal by the server is final."""
    fields = {"alert_id": str(claim.mail.alert_id), "recipient": claim.mail.mailbox.address, "attempt": claim.attempts}
    match error:
        case None:
            await _sent(session, claim)
            log.info("mail_sent", **fields)
        case Refused():
            await _failed(session, claim, str(error))
            remedy = "correct the cause, then POST /api/v1/alerts/dispatch"
            log.error("mail_refused", reason=str(error), remedy=remedy, **fields)
        case _:
            reason = str(error) if isinstance(error, Later) else repr(error)
            delay_s = back_off_s(claim.attempts)
            await claims.postpone(session, claim, delay_s, reason)
            log.warning("mail_delayed", reason=reason, delay_s=round(delay_s, 1), **fields)
    metrics.ATTEMPTS.labels("sent" if error is None else type(error).__name__.lower()).inc()


async def _sent(session: Session, claim: Claim) -> None:
    sent_at = await claims.mark_sent(session, claim)
    if sent_at is not None:
        await emit(
            session,
            NotificationSent(
                alert_id=claim.mail.alert_id,
                recipient=claim.mail.mailbox.address,
                message_id=claim.mail.message_id,
                attempt=claim.attempts,
                sent_at=sent_at,
            ),
        )


async def _failed(session: Session, claim: Claim, reason: str) -> None:
    if await claims.mark_failed(session, claim, reason):
        await emit(
            session,
            NotificationFailed(
                alert_id=claim.mail.alert_id,
                recipient=claim.mail.mailbox.address,
                message_id=claim.mail.message_id,
                attempt=claim.attempts,
                reason=reason[:2_000],
            ),
        )
