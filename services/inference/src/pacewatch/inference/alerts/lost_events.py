"""Alerts that were raised or cleared, published again when they were lost on their way to the notifier.

The scores of a batch are not: `risk.scored` is only shown live.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from pacewatch.contracts.alerts import AlertCleared, AlertRaised
from pacewatch.inference.alerts import repository
from pacewatch.kit import db
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.bus import Queue
from pacewatch.kit.messaging.reconcile import Sent, Source

RAISED: Final = Queue("notifier", "on_alert_raised", (AlertRaised.type,))
CLEARED: Final = Queue("notifier", "on_alert_cleared", (AlertCleared.type,))


def event_id(event: AlertRaised | AlertCleared) -> UUID:
    """The id of an event of an alert, which is raised once and cleared once."""
    return uuid5(event.alert_id, event.type)


async def list_raised(session: Session, since: datetime, after: int, _limit: int) -> list[Sent]:
    """Every alert raised since then, those of earlier releases excepted."""
    found = [] if after else await repository.raised_since(await db.driver(session), since)
    return [Sent(event_id(event), place, event) for place, event in enumerate(found, 1)]


async def list_cleared(session: Session, since: datetime, after: int, _limit: int) -> list[Sent]:
    """Every alert cleared since then."""
    found = [] if after else await repository.cleared_since(await db.driver(session), since)
    return [Sent(event_id(event), place, event) for place, event in enumerate(found, 1)]


async def rebuild(_session: Session, sent: Sequence[Sent]) -> Mapping[UUID, AlertRaised] | Mapping[UUID, AlertCleared]:
    """The listed events are complete."""
    return {one.event_id: one.key for one in sent}


SOURCES: Final = (Source(RAISED, list_raised, rebuild), Source(CLEARED, list_cleared, rebuild))
