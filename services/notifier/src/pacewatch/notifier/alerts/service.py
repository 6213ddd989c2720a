"""Stores alerts, queues a mail about each, and records who acknowledged them."""

from collections.abc import Sequence
from uuid import UUID

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.alerts import repository
from pacewatch.notifier.alerts.repository import Row
from pacewatch.notifier.alerts.schemas import Dispatched
from pacewatch.notifier.deliveries import repository as deliveries
from pacewatch.notifier.errors import AlertNotFound


async def store_and_queue_mails(session: Session, event: AlertRaised, recipients: Sequence[Mailbox]) -> None:
    """Store the alert and queue its mails, even if it was cleared before: recipients should know that it happened."""
    await repository.raise_alert(session, event)
    await deliveries.queue(session, event.alert_id, recipients)


async def get(session: Session, alert_id: UUID) -> Row:
    """The alert with its deliveries; AlertNotFound."""
    alert = await repository.get_alert(session, alert_id)
    if alert is None:
        raise AlertNotFound()
    rows, _ = await deliveries.list_deliveries(session, status=None, alert_id=alert_id, limit=1_000, offset=0)
    return alert | {"deliveries": rows}


async def acknowledge(session: Session, alert_id: UUID, by: str, note: str) -> Row:
    """The acknowledged alert; only the first acknowledgement counts. AlertNotFound."""
    alert = await repository.acknowledge(session, alert_id, clock.now(), by, note)
    if alert is None:
        raise AlertNotFound()
    return alert


async def dispatch(session: Session, recipients: Sequence[Mailbox]) -> Dispatched:
    """Queue failed deliveries again, and create deliveries for open alerts that have none."""
    requeued = await deliveries.requeue_failed(session)
    created = 0
    for alert_id in await repository.open_without_deliveries(session):
        created += await deliveries.queue(session, alert_id, recipients)
    return Dispatched(requeued=requeued, created=created)
