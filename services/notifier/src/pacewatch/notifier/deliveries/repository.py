"""Queries over deliveries: queue, queue again, list. The sender's queries are in `claims`."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.deliveries.schemas import DeliveryStatus
from pacewatch.notifier.mail.composer import message_id

# A trigger of the table notifies it of every queued row.
CHANNEL: Final = "pacewatch_notifier_deliveries"

_QUEUE = sa.text("""
    INSERT INTO notifier.deliveries (alert_id, recipient, recipient_name, message_id, correlation_id)
    VALUES (:alert_id, :recipient, :name, :message_id, :correlation_id)
    ON CONFLICT (alert_id, recipient) DO NOTHING RETURNING id
""")
_REQUEUE = sa.text("""
    UPDATE notifier.deliveries SET status = 'queued', due_at = clock_timestamp() WHERE status = 'failed' RETURNING id
""")
_FILTER = """
    (CAST(:status AS text) IS NULL OR status = :status) AND (CAST(:alert_id AS uuid) IS NULL OR alert_id = :alert_id)
"""
_LIST = sa.text(f"""
    SELECT *, CASE WHEN status = 'queued' THEN due_at END AS next_attempt_at
    FROM notifier.deliveries WHERE {_FILTER} ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset
""")  # noqa: S608 - constants
_COUNT = sa.text(f"SELECT count(*) FROM notifier.deliveries WHERE {_FILTER}")  # noqa: S608 - constants


async def queue(session: Session, alert_id: UUID, recipients: Sequence[Mailbox]) -> int:
    """Queue one delivery per recipient that has none for this alert; returns how many are new."""
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


async def requeue_failed(session: Session) -> int:
    """Queue every failed delivery again; returns how many."""
    return len((await session.execute(_REQUEUE)).all())


async def list_deliveries(
    session: Session, *, status: DeliveryStatus | None, alert_id: UUID | None, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Deliveries, newest first, and the total count."""
    values = {"status": status, "alert_id": alert_id}
    rows = await session.execute(_LIST, values | {"limit": limit, "offset": offset})
    total = await session.scalar(_COUNT, values)
    return [dict(row) for row in rows.mappings()], int(total or 0)
