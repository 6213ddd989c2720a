"""Claims: a sender leases due deliveries and records what became of them. Leases run by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.kit.db import Session, has_come
from pacewatch.kit.tables.device_names import with_names
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.mail.composer import AlertMail

# A lease outlasts the sending of a mail by so much.
LEASE_MARGIN_S: Final = 30.0
# Under the longest time-out that the settings allow; longer than any back-off.
LONGEST_LEASE_S: Final = 300.0 + LEASE_MARGIN_S
_IS_DUE: Final = f"status = 'queued' AND {has_come('due_at', LONGEST_LEASE_S)}"
# Fair before fast: a claim holds at most :each deliveries of one recipient, so a recipient whose server never answers
# cannot occupy every place. :busy lists the recipients that already occupy all of theirs.
_CLAIM = sa.text(f"""
    WITH due AS (
        SELECT id, row_number() OVER (PARTITION BY recipient ORDER BY due_at, id) AS turn
        FROM notifier.deliveries
        WHERE {_IS_DUE} AND recipient <> ALL (CAST(:busy AS text[]))
    ), picked AS (
        SELECT deliveries.id FROM notifier.deliveries JOIN due USING (id)
        WHERE turn <= :each AND {_IS_DUE}
        ORDER BY due_at LIMIT :limit FOR UPDATE OF deliveries SKIP LOCKED
    ), claimed AS (
        UPDATE notifier.deliveries
        SET due_at = clock_timestamp() + make_interval(secs => :lease_s), attempts = attempts + 1
        FROM picked WHERE deliveries.id = picked.id RETURNING deliveries.*
    )
    SELECT claimed.*, alerts.device_id, alerts.risk, alerts.threshold, alerts.decided_by, alerts.relative_risk,
        alerts.factors, alerts.signals, alerts.timestamp_s, alerts.model_version, alerts.raised_at
    FROM claimed JOIN notifier.alerts ON alerts.id = claimed.alert_id ORDER BY claimed.id
""")  # noqa: S608 - constants
# A mail that went out is sent, even if another sender holds the claim by now.
_SENT = sa.text("""
    UPDATE notifier.deliveries SET status = 'sent', sent_at = clock_timestamp(), last_error = NULL
    WHERE id = :id AND status <> 'sent' RETURNING sent_at
""")
# Only the newest claim may postpone a delivery or give it up: `attempts` identifies the claim.
_POSTPONE = sa.text("""
    UPDATE notifier.deliveries SET due_at = clock_timestamp() + make_interval(secs => :delay_s), last_error = :reason
    WHERE id = :id AND attempts = :attempts AND status = 'queued'
""")
_FAILED = sa.text("""
    UPDATE notifier.deliveries SET status = 'failed', last_error = :reason
    WHERE id = :id AND attempts = :attempts AND status = 'queued' RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this process may attempt until its lease ends; `attempts` counts this attempt."""

    id: int
    attempts: int
    correlation_id: str
    mail: AlertMail


async def claim_due(session: Session, *, limit: int, each: int, busy: Sequence[str], lease_s: float) -> list[Claim]:
    """Lease up to `limit` due deliveries for `lease_s`, at most `each` per recipient and none of `busy` recipients."""
    values = {"limit": limit, "each": each, "busy": list(busy), "lease_s": lease_s}
    rows = await with_names(session, [dict(row) for row in (await session.execute(_CLAIM, values)).mappings()])
    return [Claim(row["id"], row["attempts"], row["correlation_id"], _mail(row)) for row in rows]


def _mail(row: dict[str, Any]) -> AlertMail:
    return AlertMail(
        alert_id=row["alert_id"],
        mailbox=Mailbox(row["recipient"], row["recipient_name"]),
        message_id=row["message_id"],
        created_at=row["created_at"],
        alert=row,
    )


async def mark_sent(session: Session, claim: Claim) -> datetime | None:
    """When the mail was sent; None if the delivery was marked as sent before."""
    sent_at: datetime | None = await session.scalar(_SENT, {"id": claim.id})
    return sent_at


async def postpone(session: Session, claim: Claim, delay_s: float, reason: str) -> None:
    """Make the delivery due again after `delay_s`."""
    values = {"id": claim.id, "attempts": claim.attempts, "delay_s": delay_s, "reason": reason[:2_000]}
    await session.execute(_POSTPONE, values)


async def mark_failed(session: Session, claim: Claim, reason: str) -> bool:
    """Give the delivery up; False if another sender has claimed it since."""
    values = {"id": claim.id, "attempts": claim.attempts, "reason": reason[:2_000]}
    return (await session.execute(_FAILED, values)).first() is not None
