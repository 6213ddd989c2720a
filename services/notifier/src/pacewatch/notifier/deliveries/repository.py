"""Queries over deliveries: queued, claimed for a while, ended. All of it by the database's clock."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.notifier.mail.addresses import Mailbox
from pacewatch.notifier.schemas import DeliveryStatus

CHANNEL = "pacewatch_notifier_deliveries"

_QUEUE = sa.text("""
    INSERT INTO notifier.deliveries (alert_id, recipient, recipient_name, message_id, correlation_id)
    VALUES (:alert_id, :recipient, :name, :message_id, :correlation_id)
    ON CONFLICT (alert_id, recipient) DO NOTHING RETURNING id
""")
# Fair before it is fast: each recipient gets at most :each of a claim, so one whose server never answers cannot take
# every place; those that have all their places taken are in :busy.
_CLAIM = sa.text("""
    WITH due AS (
        SELECT id, row_number() OVER (PARTITION BY recipient ORDER BY due_at, id) AS turn
        FROM notifier.deliveries
        WHERE status = 'queued' AND due_at <= clock_timestamp() AND recipient <> ALL (CAST(:busy AS text[]))
    ), picked AS (
        SELECT deliveries.id FROM notifier.deliveries JOIN due USING (id)
        WHERE turn <= :each AND status = 'queued' AND due_at <= clock_timestamp()
        ORDER BY due_at LIMIT :limit FOR UPDATE OF deliveries SKIP LOCKED
    ), claimed AS (
        UPDATE notifier.deliveries
        SET due_at = clock_timestamp() + make_interval(secs => :lease_s), attempts = attempts + 1
        FROM picked WHERE deliveries.id = picked.id RETURNING deliveries.*
    )
    SELECT claimed.*, alerts.device_id, alerts.risk, alerts.threshold, alerts.factors, alerts.signals,
        alerts.timestamp_s, alerts.model_version, alerts.raised_at
    FROM claimed JOIN notifier.alerts ON alerts.id = claimed.alert_id ORDER BY claimed.id
""")
# Whoever sent it, it is sent: no matter whose claim it is by now.
_SENT = sa.text("""
    UPDATE notifier.deliveries SET status = 'sent', sent_at = clock_timestamp(), last_error = NULL
    WHERE id = :id AND status <> 'sent' RETURNING sent_at
""")
# Only the present claim may put off or give up: an older one knows less.
_LATER = sa.text("""
    UPDATE notifier.deliveries SET due_at = clock_timestamp() + make_interval(secs => :delay_s), last_error = :reason
    WHERE id = :id AND attempts = :attempts AND status = 'queued'
""")
_FAILED = sa.text("""
    UPDATE notifier.deliveries SET status = 'failed', last_error = :reason
    WHERE id = :id AND attempts = :attempts AND status = 'queued' RETURNING id
""")
_REQUEUE = sa.text("""
    UPDATE notifier.deliveries SET status = 'queued', due_at = clock_timestamp() WHERE status = 'failed' RETURNING id
""")
_UNTOLD = sa.text("""
    SELECT id FROM notifier.alerts
    WHERE raised_at IS NOT NULL AND cleared_at IS NULL AND acknowledged_at IS NULL
        AND NOT EXISTS (SELECT FROM notifier.deliveries WHERE alert_id = alerts.id)
    ORDER BY id
""")
_WANTED = """
    (CAST(:status AS text) IS NULL OR status = :status) AND (CAST(:alert_id AS uuid) IS NULL OR alert_id = :alert_id)
"""
_LIST = sa.text(f"""
    SELECT *, CASE WHEN status = 'queued' THEN due_at END AS next_attempt_at
    FROM notifier.deliveries WHERE {_WANTED} ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset
""")  # noqa: S608 - constants
_COUNT = sa.text(f"SELECT count(*) FROM notifier.deliveries WHERE {_WANTED}")  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that is ours to try until its lease ends, and the alert it tells of."""

    id: int
    alert_id: UUID
    mailbox: Mailbox
    message_id: str
    attempts: int
    correlation_id: str
    created_at: datetime
    alert: dict[str, Any]


def message_id(alert_id: UUID, recipient: str) -> str:
    """The same for the same alert and recipient, for ever: by it a receiver knows a repeated mail."""
    digest = hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]
    return f"<{alert_id}.{digest}@pacewatch>"


async def queue(session: Session, alert_id: UUID, recipients: Sequence[Mailbox]) -> int:
    """One delivery per recipient, unless it is there already; returns how many are new."""
    new = 0
    for mailbox in sorted(recipients, key=lambda mailbox: mailbox.address):
        values = {
            "alert_id": alert_id,
            "recipient": mailbox.address,
            "name": mailbox.name,
            "message_id": message_id(alert_id, mailbox.address),
            "correlation_id": logs.correlation_id(),
        }
        new += (await session.execute(_QUEUE, values)).first() is not None
    return new


async def claim(session: Session, *, limit: int, each: int, busy: Sequence[str], lease_s: float) -> list[Claim]:
    """Up to `limit` due deliveries, at most `each` for one recipient, ours for `lease_s`."""
    values = {"limit": limit, "each": each, "busy": list(busy), "lease_s": lease_s}
    rows = (await session.execute(_CLAIM, values)).mappings()
    return [
        Claim(
            id=row["id"],
            alert_id=row["alert_id"],
            mailbox=Mailbox(row["recipient"], row["recipient_name"]),
            message_id=row["message_id"],
            attempts=row["attempts"],
            correlation_id=row["correlation_id"],
            created_at=row["created_at"],
            alert=dict(row),
        )
        for row in rows
    ]


async def mark_sent(session: Session, claim: Claim) -> datetime | None:
    """When it was sent; None if that was known before."""
    sent_at: datetime | None = await session.scalar(_SENT, {"id": claim.id})
    return sent_at


async def put_off(session: Session, claim: Claim, delay_s: float, reason: str) -> None:
    """Try again after `delay_s`."""
    await session.execute(
        _LATER, {"id": claim.id, "attempts": claim.attempts, "delay_s": delay_s, "reason": reason[:2_000]}
    )


async def mark_failed(session: Session, claim: Claim, reason: str) -> bool:
    """Give up; False if the claim was not ours any more."""
    values = {"id": claim.id, "attempts": claim.attempts, "reason": reason[:2_000]}
    return (await session.execute(_FAILED, values)).first() is not None


async def requeue_failed(session: Session) -> int:
    """Try again what was given up; returns how many."""
    return len((await session.execute(_REQUEUE)).all())


async def untold_alerts(session: Session) -> Sequence[UUID]:
    """Open alerts nobody was ever told of."""
    return (await session.scalars(_UNTOLD)).all()


async def list_deliveries(
    session: Session, *, status: DeliveryStatus | None, alert_id: UUID | None, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Deliveries newest first, and how many there are in all."""
    wanted = {"status": status, "alert_id": alert_id}
    rows = await session.execute(_LIST, wanted | {"limit": limit, "offset": offset})
    total = await session.scalar(_COUNT, wanted)
    return [dict(row) for row in rows.mappings()], int(total or 0)
