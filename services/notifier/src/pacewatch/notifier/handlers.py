"""What the notifier does on events."""

from collections.abc import Sequence

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.alerts import repository, service


async def on_alert_raised(event: AlertRaised, session: Session, recipients: Sequence[Mailbox]) -> None:
    """Store the alert and queue its mails in one transaction."""
    await service.store_and_queue_mails(session, event, recipients)


async def on_alert_cleared(event: AlertCleared, session: Session) -> None:
    """Store that the alert was cleared; no mail is sent."""
    await repository.clear_alert(session, event)


HANDLERS: Handlers = {
    on_alert_raised: (AlertRaised,),
    on_alert_cleared: (AlertCleared,),
}
