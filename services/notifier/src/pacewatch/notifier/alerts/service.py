"""What becomes of alerts: kept, told to everybody once, taken on by somebody."""

from collections.abc import Sequence
from uuid import UUID

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.kit import clock
from pacewatch.kit.db import Session
from pacewatch.notifier.alerts import repository
from pacewatch.notifier.alerts.repository import Row
from pacewatch.notifier.deliveries import repository as deliveries
from pacewatch.notifier.errors import AlertNotFound
from pacewatch.notifier.mail.addresses import Mailbox
from pacewatch.notifier.schemas import Dispatched


async def tell(session: Session, event: AlertRaised, recipients: Sequence[Mailbox]) -> None:
    """Keep the alert and queue its mails. An alert that is over already is told of, too: it happened."""
    await repository.raise_alert(session, event)
    await deliveries.queue(session, event.alert_id, recipients)


async def get(session: Session, alert_id: UUID) -> Row:
    """The alert with its deliveries; AlertNotFound."""
    alert = await repository.get_alert(session, alert_id)
    if alert is None:
        raise AlertNotFound()
    mails, _ = await deliveries.list_deliveries(session, status=None, alert_id=alert_id, limit=1_000, offset=0)
    return alert | {"deliveries": mails}


async def acknowledge(session: Session, alert_id: UUID, by: str, note: str) -> Row:
    """Somebody takes the alert on. Asked twice it answers the same: who was first stays. AlertNotFound."""
    alert = await repository.acknowledge(session, alert_id, clock.now(), by, note)
    if alert is None:
        raise AlertNotFound()
    return alert


async def dispatch(session: Session, recipients: Sequence[Mailbox]) -> Dispatched:
    """Try failed mails again, and tell of open alerts nobody was told of."""
    requeued = await deliveries.requeue_failed(session)
    created = 0
    for alert_id in await deliveries.untold_alerts(session):
        created += await deliveries.queue(session, alert_id, recipients)
    return Dispatched(requeued=requeued, created=created)
