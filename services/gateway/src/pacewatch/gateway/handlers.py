"""What the gateway does on events: it stores a summary of each for the live stream."""

from pacewatch.contracts import topology
from pacewatch.contracts.base import Event
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live.summaries import summarise
from pacewatch.kit import logs
from pacewatch.kit.db import Session
from pacewatch.kit.module import Handlers


async def on_anything(event: Event, session: Session) -> None:
    """Store the event's summary; the live streams send it."""
    await live_events.append(
        session,
        type_=event.type,
        subject=event.subject(),
        correlation_id=logs.correlation_id(),
        summary=summarise(event),
    )


HANDLERS: Handlers = {
    on_anything: topology.EVENTS,
}
