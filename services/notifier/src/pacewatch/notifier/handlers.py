"""What the notifier reacts to."""

from collections.abc import Sequence

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers
from pacewatch.notifier.alerts import repository, service
from pacewatch.notifier.mail.addresses import Mailbox


async def on_alert_raised(event: AlertRaised, session: Session, recipients: Sequence[Mailbox]) -> None:
    """Somebody must be told, once; the mails commit with the alert."""
    await service.tell(session, event, recipients)


async def on_alert_cleared(event: AlertCleared, session: Session) -> None:
    """The episode is over; nobody is mailed about good news."""
    await repository.clear_alert(session, event)


HANDLERS: Handlers = {
    on_alert_raised: (AlertRaised,),
    on_alert_cleared: (AlertCleared,),
}
